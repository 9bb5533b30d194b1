import { existsSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';

/** Whether what a stand-in has started still runs; a zombie does not. */
export function runs(pid: number): boolean {
  try {
    const stat = process.platform === 'linux' ? readFileSync(`/proc/${pid}/stat`, 'utf8') : '';
    return !stat.includes(') Z ') && process.kill(-pid, 0);
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
