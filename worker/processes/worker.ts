import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { startTimeOf } from '../../activities/process/identity.ts';
import { endProcess, readProcess, writeProcess } from './record.ts';
import type { ProcessRecord } from './record.ts';
import { inTurn, lastLine, startDetached } from './start.ts';

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
  return inTurn(home, 'worker', async () => {
    if ((await runningWorker(home)) !== undefined) return false;
    await launch(home, environment);
    return true;
  });
}

/** Ends it gracefully: agents it supervises go on and are found again. False when none ran. */
export function stopWorker(home: string): Promise<boolean> {
  return endProcess(fileOf(home), 70_000);
}

async function launch(home: string, environment: Environment): Promise<void> {
  const log = path.join(home, 'worker.log');
  const record = await startDetached({
    file: process.execPath,
    arguments: ['--disable-warning=ExperimentalWarning', ENTRY, 'worker'],
    cwd: home,
    environment: { ...environment, SPEC_TO_PR_HOME: home },
    log,
  });
  await writeProcess(fileOf(home), record);
  const deadline = Date.now() + START_MS;
  for (;;) {
    if (existsSync(readyFile(home)) && (await readFile(readyFile(home), 'utf8')) === String(record.pid)) return;
    const alive = (await startTimeOf(record.pid)) === record.startTime;
    if (!alive || Date.now() > deadline)
      throw new Error(`the worker ${alive ? 'does not get ready' : 'ended at once'}: ${await lastLine(log)}`);
    await wait(50);
  }
}
