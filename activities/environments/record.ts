import { mkdir, readFile, readdir, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Commits } from '../../domain/ids.ts';
import { folderName } from '../folders.ts';

/** What is known on disk of one environment, from before its first process on. */
export interface EnvironmentRecord {
  readonly name: string;
  readonly commits: Commits;
  /** Marks every process of the environment. */
  readonly marker: string;
  readonly ports: Readonly<Record<string, number>>;
  readonly ready: boolean;
}

const root = (stateHome: string): string => path.join(stateHome, 'environments');

/** Folder with the record and the logs of an environment. */
export function environmentFolder(stateHome: string, name: string): string {
  return path.join(root(stateHome), folderName(name));
}

export async function readEnvironment(folder: string): Promise<EnvironmentRecord | undefined> {
  try {
    const record: EnvironmentRecord = JSON.parse(await readFile(path.join(folder, 'environment.json'), 'utf8'));
    return record;
  } catch {
    return undefined;
  }
}

export async function writeEnvironment(folder: string, record: EnvironmentRecord): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(path.join(folder, 'environment.json.part'), JSON.stringify(record));
  await rename(path.join(folder, 'environment.json.part'), path.join(folder, 'environment.json'));
}

export async function removeEnvironment(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
}

/** All environments that this host has a record of. */
export async function listEnvironments(stateHome: string): Promise<readonly EnvironmentRecord[]> {
  const names = await readdir(root(stateHome)).catch(() => []);
  const records = await Promise.all(names.map((name) => readEnvironment(path.join(root(stateHome), name))));
  return records.filter((record) => record !== undefined);
}
