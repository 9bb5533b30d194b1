import { spawn } from 'node:child_process';
import { mkdir, open } from 'node:fs/promises';
import path from 'node:path';
import type { ProcessCaps } from '../../../domain/environment.ts';
import { startTimeOf } from '../../process/identity.ts';
import { MARKER } from '../../process/marked.ts';
import { forgetExcess, underLimits, watch } from './caps.ts';
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

const logFile = (folder: string, key: string): string => path.join(folder, `${key}.log`);

/** Starts one service detached, in a process group of its own, its output in `<folder>/<key>.log`. A host that cannot start it throws. */
export async function startService(order: ServiceOrder): Promise<ServiceProcess> {
  const { key, folder } = order;
  const home = path.join(folder, 'home');
  await mkdir(home, { recursive: true });
  await forgetExcess(folder, key);
  const log = await open(logFile(folder, key), 'w');
  try {
    const child = spawn('/bin/sh', underLimits(order.start, order.caps), {
      cwd: order.directory,
      env: { ...order.environment, HOME: home, [MARKER]: order.marker },
      detached: true,
      stdio: ['ignore', log.fd, log.fd],
    });
    const pid = await new Promise<number>((resolve, reject) => {
      child.once('error', (cause) =>
        reject(new Error(`cannot start service "${key}" in ${order.directory}`, { cause })),
      );
      child.once('spawn', () => resolve(child.pid ?? 0));
    });
    child.unref();
    watch(pid, order.caps, order);
    return { pid, startTime: await startTimeOf(pid) };
  } finally {
    await log.close();
  }
}

/** True while the very process that was started lives. */
export async function isAlive({ pid, startTime }: ServiceProcess): Promise<boolean> {
  return startTime !== undefined && (await startTimeOf(pid)) === startTime;
}

/** Kills a service's process group; nothing happens where it has ended. */
export function kill({ pid }: ServiceProcess): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It ended meanwhile.
  }
}

/** The last `maxBytes` of what a service wrote; empty when it never started. */
export async function readLog(folder: string, key: string, maxBytes: number): Promise<string> {
  return readTail(logFile(folder, key), maxBytes);
}
