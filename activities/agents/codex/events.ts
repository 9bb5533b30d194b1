import { fields, text } from '../fields.ts';
import type { AgentEvent } from '../lines.ts';

const OUTPUT_MAX = 8000;

/** The CLI's events in the words that all agents' transcripts share. */
export function translate(event: AgentEvent): readonly AgentEvent[] {
  const item = fields(event['item']);
  switch (event['type']) {
    case 'thread.started':
      return [{ type: 'session', session_id: event['thread_id'] }];
    case 'item.started':
      return started(item);
    case 'item.completed':
      return completed(item);
    case 'turn.completed':
      return [
        { type: 'usage', ...fields(event['usage']) },
        { type: 'end', is_error: false },
      ];
    case 'turn.failed':
      return [{ type: 'end', is_error: true, text: fields(event['error'])['message'] }];
    case 'error':
      return [{ type: 'error', text: event['message'] }];
    case 'turn.started':
    case 'item.updated':
      return [];
    default:
      return [event];
  }
}

/** What the agent is doing, in one short line. */
export function activityOf(event: AgentEvent): string | undefined {
  const item = fields(event['item']);
  if (event['type'] === 'item.started' && item['type'] === 'command_execution') return `$ ${text(item['command'])}`;
  if (event['type'] !== 'item.completed') return undefined;
  if (item['type'] === 'agent_message') return text(item['text']);
  if (item['type'] === 'file_change') return `editing ${files(item).join(', ')}`;
  return undefined;
}

/** True for an event that stands for one step of the agent: a message, a command, an edit, another tool. */
export function isStep(event: AgentEvent): boolean {
  const kind = text(fields(event['item'])['type']);
  return event['type'] === 'item.completed' && !['error', 'reasoning', 'todo_list'].includes(kind);
}

function started(item: AgentEvent): readonly AgentEvent[] {
  const { id } = item;
  if (item['type'] === 'command_execution') return [{ type: 'command', id, command: item['command'] }];
  if (item['type'] === 'mcp_tool_call')
    return [{ type: 'tool', id, tool: `${text(item['server'])}.${text(item['tool'])}`, input: item['arguments'] }];
  return [];
}

function completed(item: AgentEvent): readonly AgentEvent[] {
  const { id } = item;
  switch (item['type']) {
    case 'agent_message':
      return [{ type: 'text', text: item['text'] }];
    case 'reasoning':
      return [{ type: 'reasoning', text: item['text'] }];
    case 'command_execution':
      return [result(item, item['exit_code'] !== 0, text(item['aggregated_output']))];
    case 'file_change':
      return [
        ...files(item).map((file) => ({ type: 'file_change', id, file })),
        result(item, item['status'] !== 'completed', ''),
      ];
    case 'mcp_tool_call':
      return [result(item, item['status'] !== 'completed', JSON.stringify(item['result'] ?? item['error'] ?? ''))];
    case 'error':
      return [{ type: 'error', text: item['message'] }];
    default:
      return [{ type: 'tool', id, tool: item['type'], input: item }];
  }
}

function result({ id }: AgentEvent, failed: boolean, output: string): AgentEvent {
  return { type: 'tool_result', id, is_error: failed, text: output.slice(0, OUTPUT_MAX) };
}

function files(item: AgentEvent): readonly string[] {
  return Array.isArray(item['changes']) ? item['changes'].map((change) => text(fields(change)['path'])) : [];
}
