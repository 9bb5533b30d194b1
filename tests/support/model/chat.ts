import { serveModel, sse } from './server.ts';
import type { ModelServer, Protocol, Script, Turn } from './server.ts';

export interface ChatBody {
  readonly messages: readonly { readonly role: string }[];
  readonly model: string;
}

const protocol: Protocol<ChatBody> = {
  path: '/v1/chat/completions',
  turnOf: ({ messages }) => messages.filter(({ role }) => role === 'assistant').length,
  events,
  error: (status) => ({ error: { message: `scripted ${status}`, type: `scripted_${status}`, code: null } }),
};

/** A scripted Chat Completions API: 1000 tokens in and 100 out for each answer. */
export function startChat(script: Script): Promise<ModelServer<ChatBody>> {
  return serveModel(protocol, script);
}

function events({ text, tools = [] }: Turn, refused: boolean): readonly string[] {
  const base = { id: `chat_${crypto.randomUUID()}`, object: 'chat.completion.chunk', created: 1, model: 'scripted' };
  const chunk = (delta: object, finish: string | null = null): string =>
    sse({ ...base, choices: [{ index: 0, delta, finish_reason: finish }] });
  const calls = tools.map(({ name, input }, index) => ({
    ...{ index, id: `call_${crypto.randomUUID()}`, type: 'function' },
    function: { name, arguments: JSON.stringify(input) },
  }));
  const finish = refused ? 'content_filter' : tools.length > 0 ? 'tool_calls' : 'stop';
  return [
    chunk({ role: 'assistant', content: '' }),
    ...(text === undefined ? [] : [chunk({ content: text })]),
    ...(calls.length === 0 ? [] : [chunk({ tool_calls: calls })]),
    chunk({}, finish),
    sse({ ...base, choices: [], usage: { prompt_tokens: 1000, completion_tokens: 100, total_tokens: 1100 } }),
    'data: [DONE]\n\n',
  ];
}
