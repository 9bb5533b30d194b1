import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { Readable, Writable } from 'node:stream';
import { agent, methods, ndJsonStream, RequestError } from '@agentclientprotocol/sdk';
import type { AgentCapabilities, AgentContext, SessionUpdate } from '@agentclientprotocol/sdk';

/** One thing that the scripted agent does at a prompt. */
export type AcpAct =
  /** Writes a file when it is allowed to; tells the answer as a text otherwise. */
  | { readonly write: string }
  | { readonly say: string }
  | { readonly cost: number }
  | { readonly fail: { readonly code: number; readonly data?: unknown } }
  /** Once in the folder, by a file of that name. */
  | { readonly dieOnce: string };

/** What a scripted agent of the protocol does: its program is this file, and its argument one with this in it as JSON. */
export interface AcpScript {
  readonly version?: number;
  readonly capabilities?: AgentCapabilities;
  readonly models?: readonly string[];
  /** The acts of the first prompt of a process, and of all later ones. */
  readonly acts: readonly AcpAct[];
}

const script: AcpScript = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8'));
let model = script.models?.[0] ?? '';
const configOptions = (): object => ({
  configOptions:
    script.models === undefined
      ? []
      : [
          {
            ...{ id: 'm', name: 'Model', category: 'model', type: 'select' as const, currentValue: model },
            options: script.models.map((value) => ({ value, name: value })),
          },
        ],
});

const tell = (client: AgentContext, sessionId: string, update: SessionUpdate): Promise<void> =>
  client.notify(methods.client.session.update, { sessionId, update });

const say = (client: AgentContext, sessionId: string, text: string): Promise<void> =>
  tell(client, sessionId, { sessionUpdate: 'agent_message_chunk', messageId: text, content: { type: 'text', text } });

async function write(client: AgentContext, sessionId: string, file: string): Promise<void> {
  const call = { toolCallId: crypto.randomUUID(), title: `write ${file}`, kind: 'edit' as const };
  const { outcome } = await client.request(methods.client.session.requestPermission, {
    sessionId,
    toolCall: { ...call, locations: [{ path: file }] },
    options: [
      { optionId: 'a', name: 'always', kind: 'allow_always' },
      { optionId: 'y', name: 'yes', kind: 'allow_once' },
      { optionId: 'n', name: 'no', kind: 'reject_once' },
    ],
  });
  const answer = outcome.outcome === 'selected' ? outcome.optionId : outcome.outcome;
  if (answer === 'y') writeFileSync(file, 'x');
  const status = answer === 'y' ? ('completed' as const) : ('failed' as const);
  await tell(client, sessionId, { sessionUpdate: 'tool_call', ...call, status, locations: [{ path: file }] });
}

async function act(client: AgentContext, sessionId: string, one: AcpAct): Promise<void> {
  if ('say' in one) await say(client, sessionId, one.say.replace('{model}', model));
  else if ('write' in one) await write(client, sessionId, one.write);
  else if ('cost' in one) {
    const cost = { amount: one.cost, currency: 'USD' };
    await tell(client, sessionId, { sessionUpdate: 'usage_update', used: 1, size: 2, cost });
  } else if ('fail' in one) throw new RequestError(one.fail.code, 'scripted', one.fail.data);
  else if (!existsSync(one.dieOnce)) {
    writeFileSync(one.dieOnce, '');
    process.kill(process.pid, 'SIGKILL');
  }
}

agent({ name: 'scripted' })
  .onRequest(methods.agent.initialize, () => ({
    protocolVersion: script.version ?? 1,
    agentCapabilities: script.capabilities ?? {},
  }))
  .onRequest(methods.agent.session.new, () => ({ sessionId: crypto.randomUUID(), ...configOptions() }))
  .onRequest(methods.agent.session.load, async ({ client, params }) => {
    await say(client, params.sessionId, 'what was said before');
    return configOptions();
  })
  .onRequest(methods.agent.session.resume, () => configOptions())
  .onRequest(methods.agent.session.setConfigOption, ({ params }) => {
    if (!script.models?.includes(String(params.value))) throw RequestError.invalidParams();
    model = String(params.value);
    return { configOptions: [] };
  })
  .onRequest(methods.agent.session.prompt, async ({ client, params }) => {
    for (const one of script.acts) await act(client, params.sessionId, one);
    return { stopReason: 'end_turn' };
  })
  .connect(ndJsonStream(Writable.toWeb(process.stdout), Readable.toWeb(process.stdin)));
