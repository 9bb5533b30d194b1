import { statfs } from 'node:fs/promises';
import { connect } from 'node:net';

const PROBE_MS = 2000;

/** Asks once, for at most two seconds. Nothing when the answer is 2xx, else what came instead. */
export async function healthProblem(url: string, ms = PROBE_MS): Promise<string | undefined> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(Math.min(ms, PROBE_MS)), redirect: 'manual' });
    await response.body?.cancel();
    return response.ok ? undefined : `HTTP ${response.status}`;
  } catch (error) {
    if (field(error, 'name') === 'TimeoutError') return 'no answer in time';
    const code = field(field(error, 'cause'), 'code');
    if (code === 'ECONNREFUSED') return 'connection refused';
    return typeof code === 'string' ? code : 'no answer';
  }
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}

/** True when something listens on the port of the loopback interface: its answers would pass for the service's. */
export function isPortTaken(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' });
    const settle = (taken: boolean): void => {
      socket.destroy();
      resolve(taken);
    };
    socket.once('connect', () => settle(true));
    socket.once('error', () => settle(false));
  });
}

const LEAST_FREE_BYTES = 64 * 1024;

/** True when next to nothing can be written to the disk of a folder any more; false for a folder that is gone. */
export async function isDiskFull(folder: string): Promise<boolean> {
  const disk = await statfs(folder).catch(() => undefined);
  return disk !== undefined && disk.bavail * disk.bsize < LEAST_FREE_BYTES;
}

/** Ports that lines about a taken address name, the last first. */
export function portsIn(log: string): readonly number[] {
  const lines = log.split('\n').filter((line) => /EADDRINUSE|address already in use/i.test(line));
  const named = lines.flatMap((line) => [...line.matchAll(/[: ](\d{2,5})\b/g)].map(([, port]) => Number(port)));
  return [...new Set(named.toReversed())].filter((port) => port < 65_536).slice(0, 5);
}
