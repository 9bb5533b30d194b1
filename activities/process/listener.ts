import { readFile, readdir, readlink } from 'node:fs/promises';
import path from 'node:path';
import { execa } from 'execa';

/** Pid of a process that listens on a TCP port of this host; nothing where this user may not see it. */
export async function listenerOn(port: number): Promise<number | undefined> {
  if (process.platform === 'linux') return searchProc(port);
  const { stdout } = await execa('lsof', ['-nP', `-iTCP:${port}`, '-sTCP:LISTEN', '-t'], { reject: false });
  return Number.parseInt(stdout ?? '', 10) || undefined;
}

/** The name of a live process's program; empty for one that is gone. */
export async function programOf(pid: number): Promise<string> {
  const { stdout } = await execa('ps', ['-o', 'args=', '-p', String(pid)], { reject: false });
  return path.basename((stdout ?? '').trim().split(' ')[0] ?? '');
}

const LISTENING = '0A';

async function searchProc(port: number): Promise<number | undefined> {
  const tables = ['/proc/net/tcp', '/proc/net/tcp6'].map((file) => readFile(file, 'utf8').catch(() => ''));
  const wanted = new Set<string>();
  for (const line of (await Promise.all(tables)).join('\n').split('\n')) {
    const [, local = '', , state, , , , , , inode] = line.trim().split(/\s+/);
    if (state === LISTENING && Number.parseInt(local.slice(local.indexOf(':') + 1), 16) === port)
      wanted.add(`socket:[${inode}]`);
  }
  if (wanted.size === 0) return undefined;
  for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name)))
    for (const fd of await readdir(`/proc/${pid}/fd`).catch(() => []))
      if (wanted.has(await readlink(`/proc/${pid}/fd/${fd}`).catch(() => ''))) return Number(pid);
  return undefined;
}
