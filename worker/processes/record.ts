import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { startTimeOf } from '../../activities/process/identity.ts';
import { readJson, writeJson } from '../../activities/process/json-file.ts';

/** A long-lived process of ours. With its start time the pid names it for good. */
export interface ProcessRecord {
  readonly pid: number;
  readonly startTime: string | undefined;
}

/** The record's process, while it lives. */
export async function readProcess<T extends ProcessRecord>(file: string): Promise<T | undefined> {
  const record = await readJson<T>(file);
  if (record?.startTime === undefined) return undefined;
  return (await startTimeOf(record.pid)) === record.startTime ? record : undefined;
}

export async function writeProcess(file: string, record: ProcessRecord): Promise<void> {
  await mkdir(path.dirname(file), { recursive: true });
  await writeJson(file, record);
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
