import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync } from 'node:fs';
import path from 'node:path';
import { startTimeOf } from '../process/identity.ts';
import { MARKER } from '../process/marked.ts';

export interface ServiceOrder {
  readonly key: string;
  readonly directory: string;
  readonly start: string;
  readonly folder: string;
  readonly marker: string;
  readonly environment: Readonly<Record<string, string>>;
}

export interface Service {
  readonly key: string;
  alive(): Promise<boolean>;
}

export const logFile = (key: string): string => `${key}.log`;

/** Starts one service detached, in a process group of its own, its output in `<folder>/<key>.log`. */
export async function startService(order: ServiceOrder): Promise<Service> {
  const { key, folder } = order;
  const home = path.join(folder, 'home');
  mkdirSync(home, { recursive: true });
  const log = openSync(path.join(folder, logFile(key)), 'w');
  const child = spawn('/bin/sh', ['-c', order.start], {
    cwd: order.directory,
    env: { ...order.environment, HOME: home, [MARKER]: order.marker },
    detached: true,
    stdio: ['ignore', log, log],
  });
  const pid = await new Promise<number>((resolve, reject) => {
    child.once('error', reject);
    child.once('spawn', () => resolve(child.pid ?? 0));
  }).finally(() => closeSync(log));
  child.unref();
  const startTime = await startTimeOf(pid);
  return { key, alive: async () => startTime !== undefined && (await startTimeOf(pid)) === startTime };
}
