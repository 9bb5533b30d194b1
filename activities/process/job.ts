import { randomUUID } from 'node:crypto';
import { closeSync, openSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { spawn } from 'node:child_process';
import { startTimeOf } from './identity.ts';
import { readJson, writeJson } from './json-file.ts';
import { MARKER } from './marked.ts';

/** A long command in a folder of its own: `stdin`, `stdout`, `stderr`, `exit` and the record `job.json`. */
export interface JobCommand {
  readonly file: string;
  readonly arguments: readonly string[];
  readonly cwd: string;
  /** The whole environment: nothing is inherited. */
  readonly environment: Readonly<Record<string, string>>;
  readonly input: string;
  /** Files and folders beside the system's that it has to read when it is contained: absolute. */
  readonly reads?: readonly string[];
}

export interface JobRecord {
  readonly marker: string;
  readonly pid: number;
  readonly startTime: string | undefined;
  readonly startedAt: number;
}

export const logOf = (folder: string): { stdout: string; stderr: string } => ({
  stdout: path.join(folder, 'stdout'),
  stderr: path.join(folder, 'stderr'),
});

// Outlives the worker, waits for the command, and leaves its exit code in a file: a worker that re-attaches is not the parent.
const SUPERVISOR =
  'folder=$1; shift; "$@" <"$folder/stdin" >>"$folder/stdout" 2>>"$folder/stderr"; echo $? >"$folder/exit.part"; mv "$folder/exit.part" "$folder/exit"';

/**
 * Starts the command detached, in a process group of its own. The record is on disk before the command runs. `ended` resolves
 * at its end, when this process lives to see it.
 */
export async function startJob(
  folder: string,
  command: JobCommand,
): Promise<{ record: JobRecord; ended: Promise<void> }> {
  await mkdir(folder, { recursive: true });
  await rm(path.join(folder, 'exit'), { force: true });
  await writeFile(path.join(folder, 'stdin'), command.input);
  const marker = randomUUID();
  await writeRecord(folder, { marker, pid: 0, startTime: undefined, startedAt: Date.now() });
  const errors = openSync(path.join(folder, 'supervisor.log'), 'a');
  const child = spawn('/bin/sh', ['-c', SUPERVISOR, 'spec-to-pr', folder, command.file, ...command.arguments], {
    cwd: command.cwd,
    env: { ...command.environment, [MARKER]: marker },
    detached: true,
    stdio: ['ignore', errors, errors],
  });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const pid = await new Promise<number>((resolve, reject) => {
    child.once('error', reject);
    child.once('spawn', () => resolve(child.pid ?? 0));
  }).finally(() => closeSync(errors));
  child.unref();
  const record = { marker, pid, startTime: await startTimeOf(pid), startedAt: Date.now() };
  await writeRecord(folder, record);
  return { record, ended };
}

function writeRecord(folder: string, record: JobRecord): Promise<void> {
  return writeJson(path.join(folder, 'job.json'), record);
}

export function readRecord(folder: string): Promise<JobRecord | undefined> {
  return readJson(path.join(folder, 'job.json'));
}

/** The exit code as the shell counts it (128 + signal number for a signal), or nothing while there is none. */
export async function readExit(folder: string): Promise<number | undefined> {
  const text = await readFile(path.join(folder, 'exit'), 'utf8').catch(() => '');
  return text === '' ? undefined : Number.parseInt(text, 10);
}

/** True while the supervisor of this record lives. */
export async function alive({ pid, startTime }: JobRecord): Promise<boolean> {
  return startTime !== undefined && (await startTimeOf(pid)) === startTime;
}
