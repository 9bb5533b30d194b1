// Loaded by the CLI into its own process, so it imports nothing of ours. What it writes goes between the CLI's own events.

/** What the adapter tells the plugin. */
export interface PluginOptions {
  /** Name of the tool that takes the report, and the JSON Schema of each of its arguments. */
  readonly report: { readonly name: string; readonly description: string; readonly args: Record<string, unknown> };
  /** Variables that commands of the agent do not get to see. */
  readonly hidden: readonly string[];
}

interface Happening {
  readonly type: string;
  readonly properties?: {
    readonly sessionID?: string;
    readonly info?: { readonly id?: string; readonly parentID?: string };
    readonly status?: {
      readonly type: string;
      readonly attempt?: number;
      readonly message?: string;
      readonly next?: number;
    };
    readonly part?: { readonly type: string; readonly id: string; readonly cost?: number; readonly tokens?: unknown };
  };
}

interface Hooks {
  event(input: { readonly event: Happening }): Promise<void>;
  'shell.env'(input: unknown, output: { readonly env: Record<string, string> }): Promise<void>;
  readonly tool: Record<string, { readonly description: string; readonly args: object; execute(): Promise<string> }>;
}

/** Tells of sessions, costs of all of them and failed requests; hides secrets from commands; takes the report. */
export async function session(_input: unknown, { report, hidden }: PluginOptions): Promise<Hooks> {
  const request = globalThis.fetch;
  const watched = async (...given: Parameters<typeof fetch>): Promise<Response> => {
    const response = await request(...given);
    if (!response.ok)
      tell({ type: 'request_failed', status: response.status, retry_after: response.headers.get('retry-after') });
    return response;
  };
  globalThis.fetch = Object.assign(watched, request);
  return {
    event: ({ event }) => Promise.resolve(hear(event)),
    'shell.env': (_call, { env }) => {
      for (const name of hidden) env[name] = '';
      return Promise.resolve();
    },
    tool: {
      [report.name]: {
        description: report.description,
        args: report.args,
        execute: () => Promise.resolve('Reported. The session can end.'),
      },
    },
  };
}

function hear({ type, properties = {} }: Happening): void {
  const { info, status, part } = properties;
  if (type === 'session.created' && info?.parentID === undefined) tell({ type: 'session', session_id: info?.id });
  if (type === 'session.status' && status?.type === 'retry')
    tell({ type: 'retry', attempt: status.attempt, text: status.message, next: status.next });
  if (type === 'message.part.updated' && part?.type === 'step-finish')
    tell({ type: 'usage', id: part.id, usd: part.cost, tokens: part.tokens });
}

function tell(event: object): void {
  process.stdout.write(`${JSON.stringify(event)}\n`);
}
