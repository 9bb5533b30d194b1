import { existsSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';

/** Whether a process group that a stand-in has started still runs. */
export function runs(pid: number): boolean {
  try {
    return process.kill(-pid, 0);
  } catch {
    return false;
  }
}

const LONG_MS = 20_000;

/** Takes long at this point, once, where `<home>/mode` is `slow <point>`. */
export function pause(home: string, point: string): void {
  const file = path.join(home, 'mode');
  if (!existsSync(file) || readFileSync(file, 'utf8') !== `slow ${point}`) return;
  rmSync(file);
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, LONG_MS);
}
