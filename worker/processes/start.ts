import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import lockfile from 'proper-lockfile';
import { startTimeOf } from '../../activities/process/identity.ts';
import type { ProcessRecord } from './record.ts';

/** Does the work while no other process of this host does what has the same name in the state folder. Waits for its turn. */
export async function inTurn<T>(home: string, name: string, work: () => Promise<T>): Promise<T> {
  await mkdir(home, { recursive: true });
  const release = await lockfile.lock(home, {
    lockfilePath: path.join(home, `${name}.lock`),
    stale: 30_000,
    update: 5000,
    retries: { forever: true, minTimeout: 100, maxTimeout: 500 },
    onCompromised: () => undefined,
  });
  try {
    return await work();
  } finally {
    await release().catch(() => undefined);
  }
}

interface Program {
  readonly file: string;
  readonly arguments: readonly string[];
  readonly cwd?: string;
  /** The whole environment: nothing is inherited. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** File that gets what it prints, after what is there. */
  readonly log: string;
}

/** Starts a program that outlives this process, in a process group of its own. */
export async function startDetached(program: Program): Promise<ProcessRecord> {
  const output = openSync(program.log, 'a');
  const child = spawn(program.file, program.arguments, {
    ...(program.cwd === undefined ? {} : { cwd: program.cwd }),
    detached: true,
    stdio: ['ignore', output, output],
    env: program.environment,
  });
  const pid = await new Promise<number>((resolve, reject) => {
    child.once('error', reject);
    child.once('spawn', () => resolve(child.pid ?? 0));
  }).finally(() => closeSync(output));
  child.unref();
  return { pid, startTime: await startTimeOf(pid) };
}

/** What a log says last, and where it is. */
export async function lastLine(log: string): Promise<string> {
  const text = await readFile(log, 'utf8').catch(() => '');
  return `${text.trim().split('\n').at(-1) ?? ''} (${log})`;
}
