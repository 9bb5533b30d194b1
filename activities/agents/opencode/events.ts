import { fields, text } from '../fields.ts';
import type { AgentEvent } from '../lines.ts';

const OUTPUT_MAX = 8000;

/** The events of the CLI and of our plugin in the words that all agents' transcripts share. */
export function translate(event: AgentEvent): readonly AgentEvent[] {
  const part = fields(event['part']);
  switch (event['type']) {
    case 'text':
    case 'reasoning':
      return [{ type: event['type'], text: part['text'] }];
    case 'tool_use':
      return toolUse(part);
    case 'step_finish':
      return part['reason'] === 'tool-calls' ? [] : [{ type: 'end', is_error: false, reason: part['reason'] }];
    case 'step_start':
      return [];
    case 'retry':
      return [{ type: 'error', text: event['text'], attempt: event['attempt'] }];
    case 'request_failed':
      return [{ type: 'error', text: `the model provider answered ${String(event['status'])}` }];
    case 'error':
      return [{ type: 'end', is_error: true, text: messageOf(event) }];
    default:
      return [event];
  }
}

/** What the agent is doing, in one short line. */
export function activityOf(event: AgentEvent): string | undefined {
  const part = fields(event['part']);
  if (event['type'] === 'text') return text(part['text']);
  if (event['type'] !== 'tool_use') return undefined;
  const input = fields(fields(part['state'])['input']);
  return `${text(part['tool'])} ${text(input['command'] ?? input['filePath'] ?? input['pattern'] ?? input['path'])}`.trim();
}

/** The message of an error event. */
export function messageOf(event: AgentEvent): string {
  const error = fields(event['error']);
  return text(fields(error['data'])['message']) || text(error['name']);
}

function toolUse(part: AgentEvent): readonly AgentEvent[] {
  const { callID: id, tool } = part;
  const state = fields(part['state']);
  const input = fields(state['input']);
  const failed = state['status'] === 'error';
  const output = text(failed ? state['error'] : state['output']).slice(0, OUTPUT_MAX);
  return [called(id, tool, input), { type: 'tool_result', id, is_error: failed, text: output }];
}

function called(id: unknown, tool: unknown, input: AgentEvent): AgentEvent {
  if (tool === 'bash') return { type: 'command', id, command: input['command'] };
  if (tool === 'write' || tool === 'edit') return { type: 'file_change', id, tool, file: input['filePath'] };
  return { type: 'tool', id, tool, input };
}
