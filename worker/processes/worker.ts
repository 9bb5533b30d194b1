import { spawn } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import lockfile from 'proper-lockfile';
import { startTimeOf } from '../../activities/process/identity.ts';
import { endProcess, readProcess, writeProcess } from './record.ts';
import type { ProcessRecord } from './record.ts';

type Environment = Readonly<Record<string, string | undefined>>;

const ENTRY = fileURLToPath(new URL(`../../client/main${path.extname(import.meta.url)}`, import.meta.url));
const START_MS = 60_000;

const fileOf = (home: string): string => path.join(home, 'worker.json');
/** Exists while the worker takes work. */
export const readyFile = (home: string): string => path.join(home, 'worker.ready');

export function runningWorker(home: string): Promise<ProcessRecord | undefined> {
  return readProcess(fileOf(home));
}

/** Starts a worker, detached, unless this state folder has one. Returns when it takes work. */
export async function startWorker(home: string, environment: Environment): Promise<boolean> {
  mkdirSync(home, { recursive: true });
  const release = await lockfile.lock(home, {
    lockfilePath: path.join(home, 'worker.lock'),
    stale: 30_000,
    update: 5000,
    retries: { forever: true, minTimeout: 100, maxTimeout: 500 },
    onCompromised: () => undefined,
  });
  try {
    if ((await runningWorker(home)) !== undefined) return false;
    await launch(home, environment);
    return true;
  } finally {
    await release().catch(() => undefined);
  }
}

/** Ends it gracefully: agents it supervises go on and are found again. False when none ran. */
export function stopWorker(home: string): Promise<boolean> {
  return endProcess(fileOf(home), 70_000);
}

async function launch(home: string, environment: Environment): Promise<void> {
  const log = path.join(home, 'worker.log');
  const output = openSync(log, 'a');
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', ENTRY, 'worker'], {
    cwd: home,
    detached: true,
    stdio: ['ignore', output, output],
    env: { ...environment, SPEC_TO_PR_HOME: home },
  });
  const pid = await new Promise<number>((resolve, reject) => {
    child.once('error', reject);
    child.once('spawn', () => resolve(child.pid ?? 0));
  }).finally(() => closeSync(output));
  child.unref();
  const record = { pid, startTime: await startTimeOf(pid) };
  await writeProcess(fileOf(home), record);
  const deadline = Date.now() + START_MS;
  for (;;) {
    if (existsSync(readyFile(home)) && (await readFile(readyFile(home), 'utf8')) === String(pid)) return;
    const alive = (await startTimeOf(pid)) === record.startTime;
    if (!alive || Date.now() > deadline)
      throw new Error(
        `the worker ${alive ? 'does not get ready' : 'ended at once'}: see ${log}: ${(await readFile(log, 'utf8')).trim().split('\n').at(-1) ?? ''}`,
      );
    await wait(50);
  }
}
