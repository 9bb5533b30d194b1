import { z } from 'zod';
import { ENVIRONMENT_STATES } from '../domain/environment.ts';
import type { EnvironmentState } from '../domain/environment.ts';

const state = z.enum(ENVIRONMENT_STATES, { error: `is none of ${ENVIRONMENT_STATES.join(', ')}` });
const commit = z.string().regex(/^[0-9a-f]{7,64}$/i, 'is no commit id of 7 to 64 hex digits');
const address = z
  .string()
  .refine((text) => URL.canParse(text) && /^https?:\/\//i.test(text), 'is no http or https address');
const report = z.strictObject({
  state: state.optional(),
  message: z.string().default(''),
  addresses: z.record(z.string(), address).default({}),
  commits: z.record(z.string(), commit).default({}),
  services: z.record(z.string(), z.string()).default({}),
  variables: z.record(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'is no variable name'), z.string()).default({}),
});

/** What a command of the user's says of an environment. Absent is what it did not say. */
export interface EnvironmentReport {
  readonly state?: EnvironmentState | undefined;
  /** For people. */
  readonly message: string;
  /** Base URLs by service. */
  readonly addresses: Readonly<Record<string, string>>;
  /** Commit ids in lower case, maybe shortened, by repository. */
  readonly commits: Readonly<Record<string, string>>;
  /** What each service is doing. */
  readonly services: Readonly<Record<string, string>>;
  /** What else a test command gets in its environment. */
  readonly variables: Readonly<Record<string, string>>;
}

/** A value, or a sentence without subject about why the text is none. */
export type Read<T> = { readonly value: T } | { readonly problem: string };

/**
 * Reads a report: the last line or the whole text as a JSON object, else lines `state=`, `message=`, `address.<service>=`,
 * `commit.<repository>=`, `service.<name>=`, `variable.<NAME>=`. Other lines are talk; of a key given twice the last counts.
 */
export function readReport(text: string): Read<EnvironmentReport> {
  const json = jsonIn(text);
  if (json !== undefined && 'problem' in json) return json;
  const result = report.safeParse(json === undefined ? fromLines(text) : json.value);
  if (!result.success) return { problem: `printed a report whose ${firstProblem(result.error)}` };
  const { commits, ...rest } = result.data;
  const lower = Object.entries(commits).map(([key, id]) => [key, id.toLowerCase()]);
  return { value: { ...rest, commits: Object.fromEntries(lower) } };
}

function jsonIn(text: string): Read<unknown> | undefined {
  const trimmed = text.trim();
  const last = trimmed.slice(trimmed.lastIndexOf('\n') + 1).trim();
  const candidate = trimmed.startsWith('{') ? trimmed : last.startsWith('{') ? last : undefined;
  if (candidate === undefined) return undefined;
  for (const part of new Set([candidate, last])) {
    try {
      return { value: JSON.parse(part) };
    } catch {
      continue;
    }
  }
  return { problem: 'printed broken JSON' };
}

const SECTIONS: Readonly<Record<string, string>> = {
  address: 'addresses',
  commit: 'commits',
  service: 'services',
  variable: 'variables',
};

function fromLines(text: string): Record<string, unknown> {
  const sections = new Map<string, [string, string][]>();
  const single: Record<string, string> = {};
  for (const line of text.split(/\r?\n/)) {
    const [, name = '', , key = '', value = ''] =
      /^(state|message|(address|commit|service|variable)\.([^=\s]+))=(.*)$/.exec(line) ?? [];
    const section = SECTIONS[name.slice(0, name.indexOf('.'))];
    if (section !== undefined) sections.set(section, [...(sections.get(section) ?? []), [key, value.trim()]]);
    else if (name !== '') single[name] = value.trim();
  }
  return {
    ...single,
    ...Object.fromEntries([...sections].map(([section, all]) => [section, Object.fromEntries(all)])),
  };
}

function firstProblem({ issues: [issue] }: z.ZodError): string {
  if (issue === undefined) return 'form is wrong';
  if (issue.code === 'unrecognized_keys') return `key "${issue.keys[0]}" is unknown`;
  if (issue.code === 'invalid_key') return `"${issue.path.join('.')}" ${issue.issues[0]?.message ?? 'is wrong'}`;
  return `"${issue.path.join('.')}" ${issue.message.replace(/^Invalid input: /, 'is wrong: ')}`;
}
