import { mkdir, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import getPort from 'get-port';
import { EnvironmentFault } from '../errors.ts';

const TRIES = 50;
const WRITING_MS = 60_000;

/**
 * A free port for each key, the environment's own until `releasePorts`: no other environment of this state folder is given it, also
 * not by another worker. Its folder has to be there. Throws EnvironmentFault when there is none to be had.
 */
export async function claimPorts(
  claims: string,
  folder: string,
  keys: readonly string[],
): Promise<Readonly<Record<string, number>>> {
  await mkdir(claims, { recursive: true });
  const ports: Record<string, number> = {};
  for (const key of keys) ports[key] = await claim(claims, folder, Object.values(ports));
  return ports;
}

async function claim(claims: string, folder: string, exclude: readonly number[]): Promise<number> {
  for (let tries = 0; tries < TRIES; tries += 1) {
    const port = await getPort({ exclude });
    if (await isNew(path.join(claims, String(port)), folder)) return port;
  }
  throw new EnvironmentFault('port', `no free port was found in ${TRIES} tries`);
}

async function isNew(file: string, folder: string): Promise<boolean> {
  try {
    await writeFile(file, folder, { flag: 'wx' });
    return true;
  } catch (error) {
    if (typeof error === 'object' && error !== null && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  }
}

/** Gives back the ports of an environment, those of environments that have no folder any more, and claims that nobody came to write. */
export async function releasePorts(claims: string, folder: string): Promise<void> {
  for (const name of await readdir(claims).catch(() => [])) {
    const file = path.join(claims, name);
    const holder = await readFile(file, 'utf8').catch(() => '');
    const isOver = holder === '' ? await isOld(file) : holder === folder || !(await exists(holder));
    if (isOver) await rm(file, { force: true });
  }
}

/** An empty claim is being written, or its writer was lost before it wrote. */
async function isOld(file: string): Promise<boolean> {
  const found = await stat(file).catch(() => undefined);
  return found !== undefined && found.size === 0 && Date.now() - found.mtimeMs > WRITING_MS;
}

async function exists(folder: string): Promise<boolean> {
  return (await stat(folder).catch(() => undefined)) !== undefined;
}
