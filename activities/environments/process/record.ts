import { link, mkdir, readFile, readdir, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Commits, RepositoryKey } from '../../../domain/ids.ts';
import { folderName } from '../../folders.ts';
import type { Checkouts } from './checkouts.ts';

/** A process that is told apart from later ones with the same pid. */
export interface ServiceProcess {
  readonly pid: number;
  readonly startTime: string | undefined;
}

/** What is known on disk of one environment, from before its first process on. */
export interface EnvironmentRecord {
  readonly name: string;
  readonly owner: string;
  readonly commits: Commits;
  /** Working folder and health path of each service. */
  readonly services: Readonly<Record<RepositoryKey, { readonly directory: string; readonly health: string }>>;
  /** Of every repository, before the first service was started; absent until then. */
  readonly checkouts?: Checkouts;
  /** Marks every process of the environment; another one for each time it is made. */
  readonly marker: string;
  /** Empty until they are claimed. */
  readonly ports: Readonly<Record<RepositoryKey, number>>;
  /** Empty until all services are healthy. */
  readonly processes: Readonly<Record<RepositoryKey, ServiceProcess>>;
  readonly ready: boolean;
}

const root = (stateHome: string): string => path.join(stateHome, 'environments');
const FILE = 'environment.json';
const FAILED = 'failed';

/** Folder with the ports that environments have claimed. */
export function claimsFolder(stateHome: string): string {
  return path.join(stateHome, 'environment-ports');
}

/** Folder with the record and the logs of an environment. */
export function environmentFolder(stateHome: string, name: string): string {
  return path.join(root(stateHome), folderName(name));
}

/** The record, or nothing where there is none or no readable one. A disk that cannot be read throws. */
export async function readEnvironment(folder: string): Promise<EnvironmentRecord | undefined> {
  try {
    const record: EnvironmentRecord = JSON.parse(await readFile(path.join(folder, FILE), 'utf8'));
    return record;
  } catch (error) {
    if (error instanceof SyntaxError || isMissing(error)) return undefined;
    throw error;
  }
}

/** Puts the record in place of an earlier one, in one step. */
export async function writeEnvironment(folder: string, record: EnvironmentRecord): Promise<void> {
  const draft = await draftOf(folder, record);
  await rename(draft, path.join(folder, FILE));
}

/** Puts the first record into the folder, in one step. False when there is one, or another call takes the folder away. */
export async function createEnvironment(folder: string, record: EnvironmentRecord): Promise<boolean> {
  try {
    const draft = await draftOf(folder, record);
    await link(draft, path.join(folder, FILE));
    await rm(draft, { force: true });
    return true;
  } catch (error) {
    if (isMissing(error) || codeOf(error) === 'EEXIST') return false;
    throw error;
  }
}

async function draftOf(folder: string, record: EnvironmentRecord): Promise<string> {
  await mkdir(folder, { recursive: true });
  const draft = path.join(folder, `${record.marker}.part`);
  await writeFile(draft, JSON.stringify(record));
  return draft;
}

/** Notes that an environment could not be brought up and nothing of it runs. A folder that is gone by now stays so. */
export async function noteFailure(folder: string, { marker }: EnvironmentRecord): Promise<void> {
  await writeFile(path.join(folder, FAILED), marker).catch(() => undefined);
}

/** Whether that was noted of the environment as it was made last. */
export async function hasFailed(folder: string, { marker }: EnvironmentRecord): Promise<boolean> {
  return (await readFile(path.join(folder, FAILED), 'utf8').catch(() => '')) === marker;
}

/** Forgets an environment and its logs. */
export async function removeEnvironment(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true, maxRetries: 5 });
}

/** All environments that this host has a record of: what a janitor looks through. */
export async function listEnvironments(stateHome: string): Promise<readonly EnvironmentRecord[]> {
  const names = await readdir(root(stateHome)).catch((error: unknown) => {
    if (isMissing(error)) return [];
    throw error;
  });
  const records = await Promise.all(names.map((name) => readEnvironment(path.join(root(stateHome), name))));
  return records.filter((record) => record !== undefined);
}

function isMissing(error: unknown): boolean {
  return codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR';
}

function codeOf(error: unknown): unknown {
  return typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
}
