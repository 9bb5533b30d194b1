import { homedir } from 'node:os';
import path from 'node:path';
import type { Session } from './connect.ts';
import { UsageError } from './errors.ts';

/** State folder of this user: `SPEC_TO_PR_HOME`, else the XDG state folder. */
export function home(): string {
  const { SPEC_TO_PR_HOME, XDG_STATE_HOME, HOME } = process.env;
  if (SPEC_TO_PR_HOME) return path.resolve(SPEC_TO_PR_HOME);
  return path.join(XDG_STATE_HOME || path.join(HOME || homedir(), '.local', 'state'), 'spec-to-pr');
}

export interface IdOptions {
  readonly workId?: string;
  readonly json?: boolean;
}

/** The work id given as an argument or by `--work-id`. */
export function givenId(options: IdOptions, word: string | undefined): string {
  const id = word || options.workId;
  if (id === undefined || id === '') throw new UsageError('no work id: give it as the argument or with --work-id');
  return id;
}

/** Connects, does the work, and always disconnects. Temporal's client, slow to load, is loaded here and not before. */
export async function withSession<T>(work: (session: Session) => Promise<T>): Promise<T> {
  const { connect } = await import('./connect.ts');
  const session = await connect(process.env, home());
  try {
    return await work(session);
  } finally {
    await session.close();
  }
}

/** The same for a verb about one run. */
export function withRun<T>(
  id: string,
  work: (session: Session, workflowId: string, live: boolean) => Promise<T>,
): Promise<T> {
  return withSession(async (session) => {
    const { resolveRun } = await import('./runs.ts');
    const { workflowId, live } = await resolveRun(session, id);
    return work(session, workflowId, live);
  });
}

/** Prints a line for people: on standard error when standard output is JSON's. */
export function say(options: { json?: boolean }): (line: string) => void {
  return (line) => (options.json === true ? process.stderr : process.stdout).write(`${line}\n`);
}
