import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdir, rm, symlink } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { ProcessCaps } from '../../../domain/environment.ts';
import { startTimeOf } from '../../process/identity.ts';
import { MARKER } from '../../process/marked.ts';
import { forgetExcess, underLimits, watch } from './caps.ts';
import { follow } from './kin.ts';
import type { ServiceProcess } from './record.ts';
import { readTail } from '../tool.ts';

export interface ServiceOrder {
  readonly key: string;
  readonly directory: string;
  readonly start: string;
  /** Holds the log and the services' HOME. */
  readonly folder: string;
  readonly marker: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly caps: ProcessCaps;
}

/** A service that was just started. */
export interface StartedService {
  readonly process: ServiceProcess;
  /** How it ended, as a clause: `exited with code 3`, `was killed by SIGKILL`. To be asked when it has; `ended` where that is not known. */
  ending(): Promise<string>;
}

const REAP_MS = 2000;

const logFile = (folder: string, key: string): string => path.join(folder, `${key}.log`);

/** Where a service's output goes: a file of this making alone, so that who writes to it is of no other. */
export const outputFile = (folder: string, marker: string, key: string): string =>
  path.join(folder, `${marker}.${key}.log`);

/** A file that all services of one making are started with, open for writing: who drops all else may still have it. */
export const tetherFile = (folder: string, marker: string): string => path.join(folder, `${marker}.tether`);

// The shell opens the files, so that nobody but what it starts has them.
const OPENED = 'log=$1 tether=$2; shift 2; exec /bin/sh "$@" >>"$log" 2>&1 9>>"$tether"';

/**
 * Starts one service detached, in a process group of its own, its output in `<folder>/<key>.log`, and has its descendants recorded. A
 * host that cannot start it throws.
 */
export async function startService(order: ServiceOrder): Promise<StartedService> {
  const { key, folder, marker, environment, caps } = order;
  const home = path.join(folder, 'home');
  const log = outputFile(folder, marker, key);
  await mkdir(home, { recursive: true });
  await forgetExcess(folder, key);
  await rm(logFile(folder, key), { force: true });
  await symlink(path.basename(log), logFile(folder, key));
  const opened = ['-c', OPENED, key, log, tetherFile(folder, marker)];
  const child = spawn('/bin/sh', [...opened, ...underLimits(order.start, caps)], {
    cwd: order.directory,
    env: { ...environment, HOME: home, [MARKER]: marker },
    detached: true,
    stdio: 'ignore',
  });
  const ended = endOf(child);
  const pid = await new Promise<number>((resolve, reject) => {
    child.once('error', (cause) => reject(new Error(`cannot start service "${key}" in ${order.directory}`, { cause })));
    child.once('spawn', () => resolve(child.pid ?? 0));
  });
  child.unref();
  watch(pid, caps, order);
  const started = { pid, startTime: await startTimeOf(pid) };
  if (started.startTime !== undefined) follow(started, { folder, key, marker, log, environment });
  return { process: started, ending: () => Promise.race([ended, wait(REAP_MS, 'ended', { ref: false })]) };
}

function endOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve) =>
    child.once('exit', (code, signal) =>
      resolve(code === null ? `was killed by ${signal}` : `exited with code ${code}`),
    ),
  );
}

/** True while the very process that was started lives. */
export async function isAlive({ pid, startTime }: ServiceProcess): Promise<boolean> {
  return startTime !== undefined && (await startTimeOf(pid)) === startTime;
}

/** The last `maxBytes` of what a service wrote; empty when it never started. */
export async function readLog(folder: string, key: string, maxBytes: number): Promise<string> {
  return readTail(logFile(folder, key), maxBytes);
}
