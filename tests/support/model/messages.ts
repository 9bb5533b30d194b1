import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface ToolCall {
  readonly name: string;
  readonly input: Readonly<Record<string, unknown>>;
}

/** What the model answers at one turn: text, tool calls, or a fault. */
export interface Turn {
  readonly text?: string;
  readonly tools?: readonly ToolCall[];
  readonly delayMs?: number;
  readonly fault?:
    | { readonly status: number; readonly headers?: Readonly<Record<string, string>> }
    | 'drop'
    | 'silence';
}

export interface ModelServer {
  readonly url: string;
  /** Bodies of all requests, in order. */
  readonly requests: { messages: { role: string; content: unknown }[] }[];
  stop(): Promise<void>;
}

/** A scripted Messages API. Stateless: the turn is the number of assistant messages in the request, so retries and resumes replay rightly. */
export async function startModel(script: (turn: number, body: string) => Turn): Promise<ModelServer> {
  const requests: ModelServer['requests'] = [];
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(Buffer.from(chunk));
    const text = Buffer.concat(chunks).toString('utf8');
    if (!(request.url ?? '').startsWith('/v1/messages') || request.method !== 'POST') {
      response.writeHead(404).end();
      return;
    }
    const body: ModelServer['requests'][number] = JSON.parse(text);
    requests.push(body);
    const turn = script(body.messages.filter(({ role }) => role === 'assistant').length, text);
    await new Promise((resolve) => setTimeout(resolve, turn.delayMs ?? 0));
    if (turn.fault === undefined) stream(response, turn);
    else fail(response, turn.fault);
  };
  const server = createServer((request, response) => void answer(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function fail(response: ServerResponse, fault: NonNullable<Turn['fault']>): void {
  if (fault === 'silence') return;
  if (fault === 'drop') {
    response.socket?.destroy();
    return;
  }
  response.writeHead(fault.status, { 'content-type': 'application/json', ...fault.headers });
  const kinds: Readonly<Record<number, string>> = {
    401: 'authentication_error',
    429: 'rate_limit_error',
    529: 'overloaded_error',
  };
  response.end(
    JSON.stringify({
      type: 'error',
      error: { type: kinds[fault.status] ?? 'api_error', message: `scripted ${fault.status}` },
    }),
  );
}

function stream(response: ServerResponse, { text, tools = [] }: Turn): void {
  const send = (event: { type: string }): void =>
    void response.write(`event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`);
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  const usage = { input_tokens: 1000, output_tokens: 1, cache_creation_input_tokens: 0, cache_read_input_tokens: 0 };
  send({
    type: 'message_start',
    message: {
      id: `msg_${Date.now()}`,
      type: 'message',
      role: 'assistant',
      model: 'claude-sonnet-4-5',
      content: [],
      stop_reason: null,
      stop_sequence: null,
      usage,
    },
  } as { type: string });
  const blocks = [
    ...(text === undefined ? [] : [{ kind: 'text' as const, text }]),
    ...tools.map((tool) => ({ kind: 'tool' as const, tool })),
  ];
  for (const [index, block] of blocks.entries()) {
    const start =
      block.kind === 'text'
        ? { type: 'text', text: '' }
        : { type: 'tool_use', id: `toolu_${Date.now()}_${index}`, name: block.tool.name, input: {} };
    const delta =
      block.kind === 'text'
        ? { type: 'text_delta', text: block.text }
        : { type: 'input_json_delta', partial_json: JSON.stringify(block.tool.input) };
    send({ type: 'content_block_start', index, content_block: start } as { type: string });
    send({ type: 'content_block_delta', index, delta } as { type: string });
    send({ type: 'content_block_stop', index } as { type: string });
  }
  send({
    type: 'message_delta',
    delta: { stop_reason: tools.length > 0 ? 'tool_use' : 'end_turn', stop_sequence: null },
    usage: { output_tokens: 100 },
  } as { type: string });
  send({ type: 'message_stop' });
  response.end();
}
