import { DURATION, DURATION_HELP, secondsOf } from '../../domain/duration.ts';
import { Unreachable, connect } from '../connect.ts';
import type { Session } from '../connect.ts';
import { isExternal } from '../embedded.ts';
import { environmentActions } from '../environment-actions.ts';
import type { ActionResult } from '../environment-actions.ts';
import { EXIT, UsageError } from '../errors.ts';
import { loadProject } from '../order.ts';
import { printable } from '../printable.ts';
import { home } from '../session.ts';

interface Options {
  readonly project?: string;
  readonly at?: readonly string[];
  readonly service?: string;
  readonly run?: string;
  readonly ttl?: string;
  readonly since?: string;
  readonly json?: boolean;
}

/** `spec-to-pr env`: environments without a run. */
export async function verb(options: Options, action = '', name = ''): Promise<number> {
  const act = Object.hasOwn(environmentActions, action) ? environmentActions[action] : undefined;
  if (act === undefined)
    throw new UsageError(
      `env ${action || '(no action)'} is unknown: use ${Object.keys(environmentActions).join(', ')}`,
    );
  if (action !== 'list' && name === '') throw new UsageError(`env ${action} needs the environment's name`);
  const { service, run } = options;
  const project = await loadProject(options.project);
  const keys = project.repositories.map(({ key }) => key);
  const [ttl, since] = [ttlOf(options.ttl), sinceOf(options.since)];
  const order = { project, name, at: atOf(options.at ?? [], keys), ttl, since, service, run };
  const session = await reach(needsServer(action));
  const interrupted = new AbortController();
  const stop = (): void => interrupted.abort(new Error('interrupted'));
  process.once('SIGINT', stop);
  try {
    const { byHand } = await import('../../worker/by-hand.ts');
    const io = { signal: interrupted.signal, progress: tell };
    const hand = await byHand(project, { environment: process.env, client: session?.client, io });
    return print(await act({ ...order, session, hand }), options.json === true);
  } finally {
    process.off('SIGINT', stop);
    await session?.close();
  }
}

function print({ value, lines, code = EXIT.done }: ActionResult, json: boolean): number {
  const text = json ? JSON.stringify(value) : printable(lines.filter((line) => line !== '').join('\n'));
  process.stdout.write(`${text}\n`);
  return code;
}

const tell = (line: string): void => void process.stderr.write(`${line}\n`);

const DEFAULT_TTL = 4 * 3600;

function ttlOf(given: string | undefined): number {
  if (given === undefined) return DEFAULT_TTL;
  if (!DURATION.test(given)) throw new UsageError(`--ttl takes ${DURATION_HELP}, not "${given}"`);
  return secondsOf(given);
}

const DATE = /^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)$/;

function sinceOf(given: string | undefined): number | undefined {
  if (given === undefined) return undefined;
  if (DURATION.test(given)) return Date.now() - secondsOf(given) * 1000;
  const at = DATE.test(given) ? Date.parse(given) : NaN;
  if (Number.isNaN(at))
    throw new UsageError(`--since takes ${DURATION_HELP}, or a date such as 2026-01-31T09:00:00Z, not "${given}"`);
  return at;
}

/** What makes an environment needs somebody who takes it away again. */
const needsServer = (action: string): boolean => action === 'provision' || action === 'deploy';

/** The server that holds the leases: started where it is needed, else nothing when there is none. */
async function reach(needed: boolean): Promise<Session | undefined> {
  if (needed) {
    const { ensureRunning } = await import('../../worker/up.ts');
    await ensureRunning({ environment: process.env, say: tell }, isExternal(process.env));
  }
  try {
    return await connect(process.env, home());
  } catch (error) {
    if (needed || !(error instanceof Unreachable)) throw error;
    return undefined;
  }
}

function atOf(given: readonly string[], keys: readonly string[]): Readonly<Record<string, string>> {
  const entries = given.map((text): readonly [string, string] => {
    const [key = '', ...rest] = text.split('=');
    const reference = rest.join('=');
    if (!keys.includes(key) || reference === '')
      throw new UsageError(
        `--at takes <repository>=<branch, tag or commit>, not "${text}" (repositories: ${keys.join(', ')})`,
      );
    return [key, reference];
  });
  return Object.fromEntries(entries);
}
