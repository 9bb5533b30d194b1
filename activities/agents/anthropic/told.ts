import type { Anthropic } from '@anthropic-ai/sdk';
import { fields } from '../fields.ts';
import type { AgentEvent } from '../lines.ts';

const MAX_RESULT = 8000;

/** The texts of a reply as events of a transcript. Calls of tools are told when they run. */
export function blockEvents(content: Anthropic.Beta.BetaMessage['content']): readonly AgentEvent[] {
  return content.flatMap((block): readonly AgentEvent[] => {
    if (block.type === 'text' && block.text !== '') return [{ type: 'text', text: block.text }];
    return block.type === 'thinking' && block.thinking !== '' ? [{ type: 'reasoning', text: block.thinking }] : [];
  });
}

/** A call of a tool as an event. */
export function callEvent(call: { readonly id: string; readonly name: string; readonly input: unknown }): AgentEvent {
  const { id, name } = call;
  const input = fields(call.input);
  if (name === 'bash') return { type: 'command', id, command: input['command'] };
  if (name === 'write' || name === 'edit') return { type: 'file_change', id, tool: name, file: input['file_path'] };
  return { type: 'tool', id, tool: name, input };
}

/** What a call of a tool gave, as an event; a long text is cut. */
export function resultEvent(id: string, isError: boolean, content: unknown): AgentEvent {
  const text = typeof content === 'string' ? content : JSON.stringify(content);
  return { type: 'tool_result', id, is_error: isError, text: text.slice(0, MAX_RESULT) };
}
