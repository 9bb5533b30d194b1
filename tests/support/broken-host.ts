import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmdirSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Server } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** A port that this process has. */
export interface TakenPort {
  readonly port: number;
  free(): Promise<void>;
}

export async function takePort(): Promise<TakenPort> {
  return listening(createServer(), 0);
}

/** A port that nothing listens on. */
export async function closedPort(): Promise<number> {
  const { port, free } = await takePort();
  await free();
  return port;
}

/** Opens a port that was closed: what connects to it reaches `target`. */
export async function openPort(port: number, target: number): Promise<TakenPort> {
  const server = createServer((from) => {
    const to = connect(target, '127.0.0.1');
    for (const socket of [from, to]) socket.on('error', () => [from, to].forEach((each) => each.destroy()));
    from.pipe(to).pipe(from);
  });
  return listening(server, port);
}

async function listening(server: Server, wanted: number): Promise<TakenPort> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(wanted, '127.0.0.1', resolve);
  });
  const free = (): Promise<void> => new Promise((resolve) => server.close(() => resolve()));
  return { port: (server.address() as AddressInfo).port, free };
}

/** A disk of a few megabytes. */
export interface SmallDisk {
  readonly folder: string;
  remove(): Promise<void>;
}

/** A disk of so many megabytes. Throws where this user may not mount. */
export async function mountSmallDisk(megabytes = 1): Promise<SmallDisk> {
  const folder = await mkdtemp(path.join(tmpdir(), 'spec-to-pr-disk-'));
  const remove = async (): Promise<void> => {
    spawnSync('umount', ['--lazy', folder]);
    await rm(folder, { recursive: true, force: true });
  };
  const { status } = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', folder]);
  if (status === 0) return { folder, remove };
  await remove();
  throw new Error('cannot mount');
}

/** Whether this user may mount: a full disk is a real one. */
export function mayMount(): boolean {
  const folder = mkdtempSync(path.join(tmpdir(), 'spec-to-pr-probe-'));
  const mounted = spawnSync('mount', ['-t', 'tmpfs', 'tmpfs', folder]).status === 0;
  if (mounted) spawnSync('umount', [folder]);
  rmdirSync(folder);
  return mounted;
}
