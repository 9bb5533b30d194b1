import { notRun } from '../domain/gate.ts';
import type { GateResult } from '../domain/gate.ts';
import type { Commits } from '../domain/ids.ts';
import { oneLine } from '../domain/text.ts';
import { infraCause } from '../formats/causes.ts';
import { GitFailed } from './git/errors.ts';
import { CommandNotStarted } from './process/run-command.ts';
import type { Ports } from './ports.ts';

const CAUSES: Readonly<Record<string, string>> = {
  ...{ ENOSPC: 'disk', EDQUOT: 'disk', EROFS: 'disk', ENOMEM: 'memory' },
  ...{ EMFILE: 'open files', ENFILE: 'open files' },
};
const NUMBER = new RegExp(String.raw`\b(?:${Object.keys(CAUSES).join('|')})\b`);
const MAX_DEPTH = 5;

/** Which limit of the host an exception, or what caused it, ran into, in one line; nothing for any other exception. */
export function hostFault(error: unknown, depth = 0): string | undefined {
  if (typeof error !== 'object' || error === null || depth >= MAX_DEPTH) return undefined;
  const code = 'code' in error ? String(error.code) : '';
  const cause = CAUSES[code] ?? saidBy(error);
  if (cause !== undefined) return `${cause}: ${oneLine('message' in error ? String(error.message) : code, 300)}`;
  return 'cause' in error ? hostFault(error.cause, depth + 1) : undefined;
}

/** What git, or a program that could not be started, says: neither has an error number of its own. */
function saidBy(error: object): string | undefined {
  if (error instanceof CommandNotStarted) return CAUSES[NUMBER.exec(error.message)?.[0] ?? ''];
  if (!(error instanceof GitFailed)) return undefined;
  const causes = error.output.split('\n').map(infraCause);
  return causes.find((cause) => cause === 'disk' || cause === 'memory');
}

/**
 * A gate that the host kept from running, by the exception that showed it. Writes nothing: the disk may be full. Throws the
 * exception when it shows no such thing.
 */
export function hostFailed(
  { redact }: Pick<Ports, 'redact'>,
  { gate, commits }: { readonly gate: string; readonly commits: Commits },
  error: unknown,
): GateResult {
  const fault = hostFault(error);
  if (fault === undefined) throw error;
  return notRun(gate, commits, `host: ${redact(fault)}`);
}
