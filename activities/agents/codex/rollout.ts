import { glob, readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Usage } from '../../../domain/prices.ts';
import { fields, number, text } from '../fields.ts';
import { NO_USAGE, larger, usageOf } from './usage.ts';

/** What the CLI's own record of a session tells and its events do not. */
export interface Rollout {
  /** Of the session so far. */
  readonly usage: Usage;
  /** Kind of the error that ended the last turn, the HTTP status where there was one; both empty where it did not fail. */
  readonly error: string;
  readonly status: number | undefined;
  /** When a used-up limit is reset, in milliseconds since the epoch. */
  readonly until: number | undefined;
}

const NOTHING: Rollout = { usage: NO_USAGE, error: '', status: undefined, until: undefined };

/** Reads the record of session `id` below the CLI's home; of a session without one nothing is known. */
export async function readRollout(home: string, id: string): Promise<Rollout> {
  let rollout = NOTHING;
  for await (const file of glob('sessions/*/*/*/rollout-*.jsonl', { cwd: home }))
    if (file.endsWith(`-${id}.jsonl`))
      for (const line of (await readFile(path.join(home, file), 'utf8')).split('\n'))
        if (/"(task_started|task_complete|token_count|turn_context)"/.test(line))
          rollout = apply(rollout, payloadOf(line));
  return rollout;
}

function apply(rollout: Rollout, payload: Readonly<Record<string, unknown>>): Rollout {
  switch (payload['type']) {
    case 'turn_context':
      return { ...rollout, usage: { ...rollout.usage, model: text(payload['model']) } };
    case 'task_started':
      return { ...rollout, error: '', status: undefined, until: undefined };
    case 'token_count':
      return {
        ...rollout,
        usage: larger(rollout.usage, usageOf(fields(fields(payload['info'])['total_token_usage']))),
        until: resetOf(fields(payload['rate_limits'])) ?? rollout.until,
      };
    case 'task_complete':
      return { ...rollout, ...errorOf(fields(payload['error'])['codex_error_info']) };
    default:
      return rollout;
  }
}

/** An error is a word, or an object of one word with details. */
function errorOf(info: unknown): Pick<Rollout, 'error' | 'status'> {
  if (typeof info === 'string') return { error: info, status: undefined };
  const [kind = '', details] = Object.entries(fields(info))[0] ?? [];
  return { error: kind, status: number(fields(details)['http_status_code']) || undefined };
}

/** The latest reset of the limits that are used up. */
function resetOf(limits: Readonly<Record<string, unknown>>): number | undefined {
  const resets = [fields(limits['primary']), fields(limits['secondary'])]
    .filter((limit) => number(limit['used_percent']) >= 100)
    .map((limit) => number(limit['resets_at']) * 1000);
  return Math.max(0, ...resets) || undefined;
}

function payloadOf(line: string): Readonly<Record<string, unknown>> {
  try {
    const event: unknown = JSON.parse(line);
    const payload = fields(fields(event)['payload']);
    const type = text(fields(event)['type']);
    if (type === 'turn_context') return { ...payload, type };
    return type === 'event_msg' ? payload : {};
  } catch {
    return {};
  }
}
