import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { startTimeOf } from '../../activities/process/identity.ts';

/** A long-lived process of ours. With its start time the pid names it for good. */
export interface ProcessRecord {
  readonly pid: number;
  readonly startTime: string | undefined;
}

export async function readProcess<T extends ProcessRecord>(file: string): Promise<T | undefined> {
  try {
    const record: T = JSON.parse(await readFile(file, 'utf8'));
    return record.startTime !== undefined && (await startTimeOf(record.pid)) === record.startTime ? record : undefined;
  } catch {
    return undefined;
  }
}

export async function writeProcess(file: string, record: ProcessRecord): Promise<void> {
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(`${file}.part`, `${JSON.stringify(record, null, 2)}\n`);
  await rename(`${file}.part`, file);
}

/** Ends the process of a record: SIGTERM, up to `graceMs`, SIGKILL. False when there was none. */
export async function endProcess(file: string, graceMs: number): Promise<boolean> {
  const record = await readProcess(file);
  if (record !== undefined) {
    process.kill(record.pid, 'SIGTERM');
    const deadline = Date.now() + graceMs;
    while ((await startTimeOf(record.pid)) === record.startTime) {
      if (Date.now() > deadline) process.kill(record.pid, 'SIGKILL');
      await wait(50);
    }
  }
  await rm(file, { force: true });
  return record !== undefined;
}
