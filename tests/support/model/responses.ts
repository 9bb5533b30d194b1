import { serveModel, sse } from './server.ts';
import type { ModelServer, Protocol, Script, ToolCall, Turn } from './server.ts';

interface Item {
  readonly type: string;
  readonly role?: string;
}

export interface ResponsesBody {
  readonly input: readonly Item[];
  readonly model: string;
}

const protocol: Protocol<ResponsesBody> = {
  path: '/v1/responses',
  // An answer may be several items in a row.
  turnOf: ({ input }) => input.filter((item, index) => answered(item) && !answered(input[index - 1])).length,
  events,
  error: (status) => ({ error: { message: `scripted ${status}`, type: `scripted_${status}`, code: null } }),
};

/** A scripted Responses API (OpenAI): 1000 tokens in, 200 of them cached, and 100 out for each answer. */
export function startResponses(script: Script): Promise<ModelServer<ResponsesBody>> {
  return serveModel(protocol, script);
}

function answered(item: Item | undefined): boolean {
  if (item === undefined) return false;
  return (
    item.type === 'function_call' ||
    item.type === 'custom_tool_call' ||
    (item.type === 'message' && item.role === 'assistant')
  );
}

function events({ text, tools = [] }: Turn, refused: boolean): readonly string[] {
  const id = `resp_${crypto.randomUUID()}`;
  const created = { type: 'response.created', response: { id, status: 'in_progress', output: [] } };
  const output = [...(text === undefined ? [] : [message(text)]), ...tools.map(functionCall)];
  const usage = {
    ...{ input_tokens: 1000, input_tokens_details: { cached_tokens: 200 } },
    ...{ output_tokens: 100, output_tokens_details: { reasoning_tokens: 0 }, total_tokens: 1100 },
  };
  const end = refused
    ? { type: 'response.incomplete', response: { id, incomplete_details: { reason: 'content_filter' }, usage } }
    : { type: 'response.completed', response: { id, status: 'completed', output, usage } };
  const items = output.map((item, index) => ({ type: 'response.output_item.done', output_index: index, item }));
  return [created, ...items, end].map((event) => sse(event, event.type));
}

function message(text: string): object {
  const content = [{ type: 'output_text', text, annotations: [] }];
  return { type: 'message', id: `msg_${crypto.randomUUID()}`, role: 'assistant', status: 'completed', content };
}

/** A tool that takes source text is called by its "code". */
function functionCall({ name, input }: ToolCall): object {
  const call_id = `call_${crypto.randomUUID()}`;
  if (typeof input['code'] === 'string')
    return { type: 'custom_tool_call', id: `ctc_${call_id}`, call_id, name, input: input['code'], status: 'completed' };
  return {
    ...{ type: 'function_call', id: `fc_${crypto.randomUUID()}`, call_id },
    ...{ name, arguments: JSON.stringify(input), status: 'completed' },
  };
}
