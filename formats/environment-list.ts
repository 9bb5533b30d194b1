import { z } from 'zod';
import { ENVIRONMENT_STATES } from '../domain/environment.ts';
import type { EnvironmentState } from '../domain/environment.ts';
import type { Read } from './environment-report.ts';

/** An environment in a tracker's list. */
export interface ListedEnvironment {
  /** Eight hex digits, or whatever the tracker tells environments apart by. */
  readonly id: string;
  /** Empty when the tracker does not know it. */
  readonly name: string;
  /** Empty when the tracker does not know it. */
  readonly owner: string;
  readonly state: EnvironmentState;
  /** Empty, or the base URL that the tracker names. */
  readonly address: string;
}

const listed = z.object({
  id: z.string().default(''),
  name: z.string().default(''),
  owner: z.string().default(''),
  state: z.enum(ENVIRONMENT_STATES),
  address: z.string().default(''),
});

const FIELDS: Readonly<Record<string, string>> = {
  NAME: 'name',
  OWNER: 'owner',
  STATE: 'state',
  API_URL: 'address',
};

/**
 * Reads a list: a JSON array of `{id, name, owner, state, address}`, or a line `<8 hex digits> STATE=… [NAME= OWNER=
 * API_URL= …]` for each. Blank lines and lines that start with `#` do not count; any other line is a problem.
 */
export function readList(text: string): Read<readonly ListedEnvironment[]> {
  if (text.trim().startsWith('[')) return fromJson(text);
  const found: ListedEnvironment[] = [];
  for (const [index, line] of text.split('\n').entries()) {
    if (line.trim() === '' || line.startsWith('#')) continue;
    const entry = listed.safeParse(fieldsOf(line));
    if (!entry.success) return { problem: `printed a list whose line ${index + 1} is none of an environment` };
    found.push(entry.data);
  }
  return { value: found };
}

function fromJson(text: string): Read<readonly ListedEnvironment[]> {
  try {
    const result = z.array(listed).safeParse(JSON.parse(text));
    if (result.success) return { value: result.data };
    return { problem: `printed a list whose "${result.error.issues[0]?.path.join('.') ?? ''}" is wrong` };
  } catch {
    return { problem: 'printed broken JSON' };
  }
}

function fieldsOf(line: string): Record<string, string> | undefined {
  const [id = '', ...fields] = line.trim().split(/\s+/);
  if (!/^[0-9a-f]{8}$/.test(id)) return undefined;
  const known: Record<string, string> = { id };
  for (const field of fields) {
    const equals = field.indexOf('=');
    const name = FIELDS[field.slice(0, Math.max(0, equals))];
    if (name !== undefined) known[name] = field.slice(equals + 1);
  }
  return known;
}
