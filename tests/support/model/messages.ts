import { eventStream } from './event-stream.ts';
import { serveModel, sse } from './server.ts';
import type { ModelServer as Server, Protocol, Script, Turn } from './server.ts';

export type { ToolCall, Turn } from './server.ts';

interface Body {
  readonly messages: readonly { readonly role: string; readonly content: unknown }[];
}

export type ModelServer = Server<Body>;

const protocol: Protocol<Body> = {
  path: '/v1/messages',
  turnOf: ({ messages }) => messages.filter(({ role }) => role === 'assistant').length,
  events,
  error: (status) => {
    const kinds: Readonly<Record<number, string>> = {
      401: 'authentication_error',
      429: 'rate_limit_error',
      529: 'overloaded_error',
    };
    return { type: 'error', error: { type: kinds[status] ?? 'api_error', message: `scripted ${status}` } };
  },
};

/** A scripted Messages API (Anthropic). */
export function startModel(script: Script): Promise<ModelServer> {
  return serveModel(protocol, script);
}

/** The same behind Vertex AI's addresses; the API's own address is `<url>/v1`. */
export function startVertex(script: Script): Promise<ModelServer> {
  return serveModel({ ...protocol, path: '/v1/projects/' }, script);
}

/** The same behind Bedrock's addresses and in its framing. */
export function startBedrock(script: Script): Promise<ModelServer> {
  return serveModel({ ...protocol, path: '/model/', framing: eventStream }, script);
}

function events({ text, tools = [] }: Turn, refused: boolean): readonly string[] {
  const blocks = [
    ...(text === undefined ? [] : [textBlock(text)]),
    ...tools.map(({ name, input }) => toolBlock(name, input)),
  ];
  const stop = refused ? 'refusal' : tools.length > 0 ? 'tool_use' : 'end_turn';
  const list: { type: string }[] = [
    start(),
    ...blocks.flatMap(({ content_block, delta }, index) => [
      { type: 'content_block_start', index, content_block },
      { type: 'content_block_delta', index, delta },
      { type: 'content_block_stop', index },
    ]),
    {
      ...{ type: 'message_delta', delta: { stop_reason: stop, stop_sequence: null } },
      ...{ usage: { output_tokens: 100 } },
    },
    { type: 'message_stop' },
  ];
  return list.map((event) => sse(event, event.type));
}

function start(): { type: string; message: object } {
  const usage = { input_tokens: 1000, output_tokens: 1, cache_creation_input_tokens: 0, cache_read_input_tokens: 0 };
  const message = {
    ...{ id: `msg_${crypto.randomUUID()}`, type: 'message', role: 'assistant', model: 'claude-sonnet-4-5' },
    ...{ content: [], stop_reason: null, stop_sequence: null, usage },
  };
  return { type: 'message_start', message };
}

function textBlock(text: string): { content_block: object; delta: object } {
  return { content_block: { type: 'text', text: '' }, delta: { type: 'text_delta', text } };
}

function toolBlock(name: string, input: object): { content_block: object; delta: object } {
  return {
    content_block: { type: 'tool_use', id: `toolu_${crypto.randomUUID().replaceAll('-', '')}`, name, input: {} },
    delta: { type: 'input_json_delta', partial_json: JSON.stringify(input) },
  };
}
