import type { SessionUpdate, ToolCallUpdate } from '@agentclientprotocol/sdk';
import { fields, text } from '../fields.ts';
import type { AgentEvent } from '../lines.ts';

const MAX_RESULT = 8000;

type Call = Omit<ToolCallUpdate, '_meta'> & { readonly told?: boolean };

/** Puts the updates of a session into the events of a transcript. */
export interface Updates {
  take(update: SessionUpdate): void;
  /** Tells what is held back: the text that no other update has ended. */
  flush(): void;
  /** The last message of the agent so far. */
  message(): string;
}

/** Chunks become whole texts; a call of a tool is told when it is known what it does, and its result when it has ended. */
export function updatesTo(emit: (event: AgentEvent) => void): Updates {
  const calls = new Map<string, Call>();
  let open = { type: 'text', id: '', text: '' };
  let message = '';
  const flush = (): void => {
    if (open.text.trim() !== '') emit({ type: open.type, text: open.text });
    if (open.type === 'text' && open.text.trim() !== '') message = open.text;
    open = { type: 'text', id: '', text: '' };
  };
  const chunk = (type: string, id: string, piece: string): void => {
    if (open.type !== type || open.id !== id) flush();
    open = { type, id, text: open.text + piece };
  };
  return {
    flush,
    message: () => message,
    take(update) {
      if (update.sessionUpdate === 'agent_message_chunk' || update.sessionUpdate === 'agent_thought_chunk') {
        const type = update.sessionUpdate === 'agent_message_chunk' ? 'text' : 'reasoning';
        if (update.content.type === 'text') chunk(type, update.messageId ?? '', update.content.text);
      } else if (update.sessionUpdate === 'tool_call' || update.sessionUpdate === 'tool_call_update') {
        flush();
        calls.set(update.toolCallId, toolCall({ ...calls.get(update.toolCallId), ...given(update) }, emit));
      }
    },
  };
}

/** The fields that an update brings: those that it leaves out stay as they were. */
function given(update: ToolCallUpdate): Call {
  const { toolCallId, ...rest } = update;
  return {
    toolCallId,
    ...Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined && value !== null)),
  };
}

function toolCall(call: Call, emit: (event: AgentEvent) => void): Call {
  const ended = call.status === 'completed' || call.status === 'failed';
  const known = ended || Object.keys(fields(call.rawInput)).length > 0 || (call.locations ?? []).length > 0;
  if (known && call.told !== true) emit(callEvent(call));
  if (ended)
    emit({ type: 'tool_result', id: call.toolCallId, is_error: call.status === 'failed', text: resultOf(call) });
  return { ...call, told: known || call.told === true };
}

function callEvent(call: Call): AgentEvent {
  const { toolCallId: id, kind, title, rawInput } = call;
  const input = fields(rawInput);
  const tool = call.name ?? title ?? kind ?? 'tool';
  if (kind === 'execute') return { type: 'command', id, command: text(input['command']) || (title ?? '') };
  const [location] = call.locations ?? [];
  if (kind === 'edit' || kind === 'delete' || kind === 'move')
    return { type: 'file_change', id, tool, file: location?.path ?? title ?? '' };
  return { type: 'tool', id, tool, input };
}

function resultOf({ rawOutput, content }: Call): string {
  const parts = (content ?? []).flatMap((part) =>
    part.type === 'content' && part.content.type === 'text' ? [part.content.text] : [],
  );
  const output = typeof rawOutput === 'string' ? rawOutput : parts.join('\n') || JSON.stringify(rawOutput ?? '');
  return output.slice(0, MAX_RESULT);
}
