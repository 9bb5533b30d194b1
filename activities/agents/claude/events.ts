import { fields, number, text } from '../fields.ts';
import type { AgentEvent } from '../lines.ts';

type Fields = Readonly<Record<string, unknown>>;

/** What the CLI's result event tells. Money in USD for the session so far, tokens of this call alone. */
export interface ClaudeResult {
  readonly isError: boolean;
  readonly subtype: string;
  readonly apiStatus: number | null;
  readonly terminalReason: string;
  readonly stopReason: string;
  readonly text: string;
  readonly usd: number;
  readonly tokens: number;
  readonly turns: number;
  readonly report: unknown;
}

export function resultOf(event: AgentEvent): ClaudeResult | undefined {
  if (event['type'] !== 'result') return undefined;
  const usage = fields(event['usage']);
  const tokens = ['input_tokens', 'output_tokens', 'cache_creation_input_tokens', 'cache_read_input_tokens'];
  const errors = Array.isArray(event['errors']) ? event['errors'].map(String).join('; ') : '';
  return {
    isError: event['is_error'] === true,
    subtype: text(event['subtype']),
    apiStatus: typeof event['api_error_status'] === 'number' ? event['api_error_status'] : null,
    terminalReason: text(event['terminal_reason']),
    stopReason: text(event['stop_reason']),
    text: text(event['result']) || errors,
    usd: number(event['total_cost_usd']),
    tokens: tokens.reduce((sum, name) => sum + number(usage[name]), 0),
    turns: number(event['num_turns']),
    report: event['structured_output'],
  };
}

/** When the quota is there again, in milliseconds since the epoch, if the event tells. */
export function resetOf(event: AgentEvent): number | undefined {
  const info = fields(event['rate_limit_info']);
  if (event['type'] !== 'rate_limit_event' || info['status'] !== 'rejected') return undefined;
  return number(info['resetsAt']) * 1000 || undefined;
}

/** The CLI's events in the words that all agents' transcripts share. */
export function translate(event: AgentEvent): readonly AgentEvent[] {
  if (event['type'] === 'assistant') return blocks(event).flatMap(assistantBlock);
  if (event['type'] === 'user') return blocks(event).flatMap(toolResult);
  const result = resultOf(event);
  if (result !== undefined)
    return [
      { type: 'usage', usd: result.usd, tokens: result.tokens, turns: result.turns },
      { type: 'end', is_error: result.isError, subtype: result.subtype, text: result.text },
    ];
  if (event['type'] === 'system')
    return [
      {
        type: 'session',
        ...pick(event, ['subtype', 'session_id', 'model', 'claude_code_version', 'error_status', 'attempt']),
      },
    ];
  return [event];
}

/** What the agent is doing, in one short line. */
export function activityOf(event: AgentEvent): string | undefined {
  if (event['type'] !== 'assistant') return undefined;
  const [block] = blocks(event);
  if (block === undefined) return undefined;
  if (block['type'] === 'text') return text(block['text']);
  if (block['type'] !== 'tool_use') return undefined;
  const input = fields(block['input']);
  return `${text(block['name'])} ${text(input['command'] ?? input['file_path'] ?? input['pattern'] ?? input['path'])}`.trim();
}

function assistantBlock(block: Fields): readonly AgentEvent[] {
  if (block['type'] === 'text') return [{ type: 'text', text: block['text'] }];
  if (block['type'] === 'thinking') return [{ type: 'reasoning', text: block['thinking'] }];
  if (block['type'] !== 'tool_use') return [];
  const input = fields(block['input']);
  if (block['name'] === 'Bash') return [{ type: 'command', id: block['id'], command: input['command'] }];
  if (input['file_path'] !== undefined && block['name'] !== 'Read')
    return [{ type: 'file_change', id: block['id'], tool: block['name'], file: input['file_path'] }];
  return [{ type: 'tool', id: block['id'], tool: block['name'], input }];
}

function toolResult(block: Fields): readonly AgentEvent[] {
  if (block['type'] !== 'tool_result') return [];
  const content = typeof block['content'] === 'string' ? block['content'] : JSON.stringify(block['content'] ?? '');
  return [
    {
      type: 'tool_result',
      id: block['tool_use_id'],
      is_error: block['is_error'] === true,
      text: content.slice(0, 8000),
    },
  ];
}

function blocks(event: AgentEvent): readonly Fields[] {
  const { content } = fields(event['message']);
  return Array.isArray(content) ? content.map(fields) : [];
}

function pick(event: AgentEvent, names: readonly string[]): Fields {
  return Object.fromEntries(names.filter((name) => event[name] !== undefined).map((name) => [name, event[name]]));
}
