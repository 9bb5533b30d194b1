import { readFile, readdir } from 'node:fs/promises';
import path from 'node:path';
import { execa } from 'execa';
import type { Deployment } from '../../../activities/environments/index.ts';
import { MARKER } from '../../../activities/process/marked.ts';
import type { Order } from '../../support/environments/one-call.ts';
import { until } from './scene.ts';

const PROGRAM = path.resolve(import.meta.dirname, '../../support/environments/one-call.ts');

export interface Ended {
  /** SIGKILL when it was killed. */
  readonly signal: string | undefined;
  readonly steps: readonly string[];
  readonly result: Deployment | null | undefined;
  readonly error: string;
}

/** Makes the call in a process of its own, which is killed as soon as the condition holds, where there is one. */
export async function callApart(order: Order, killWhen?: () => Promise<boolean>): Promise<Ended> {
  const child = execa(process.execPath, ['--disable-warning=ExperimentalWarning', PROGRAM, JSON.stringify(order)], {
    reject: false,
    env: { PATH: process.env['PATH'] },
    extendEnv: false,
  });
  const ended = { yet: false };
  const done = child.then((result) => {
    ended.yet = true;
    return result;
  });
  if (killWhen !== undefined) {
    await until(async () => ended.yet || (await killWhen()));
    child.kill('SIGKILL');
  }
  const { signal, stdout, stderr } = await done;
  const steps = stdout.split('\n').filter((line) => line !== '');
  const last = steps.at(-1) ?? '';
  const said: { result: Deployment | null } | undefined = last.startsWith('{"result"') ? JSON.parse(last) : undefined;
  return { signal, steps: said === undefined ? steps : steps.slice(0, -1), result: said?.result, error: stderr };
}

/** Pids of all processes that a provider has started for environments of this state folder, by the mark of their making. */
export async function worldOf(stateHome: string): Promise<ReadonlyMap<string, readonly number[]>> {
  const found = new Map<string, number[]>();
  for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
    const entries = (await readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '')).split('\0');
    if (!entries.some((entry) => entry.startsWith(`HOME=${stateHome}/`))) continue;
    const marker = entries.find((entry) => entry.startsWith(`${MARKER}=`)) ?? '';
    found.set(marker, [...(found.get(marker) ?? []), Number(pid)]);
  }
  return found;
}

/** What is left of all environments on the disk of this state folder: records and claimed ports. */
export async function traces(stateHome: string): Promise<readonly string[]> {
  const folders = ['environments', 'environment-ports'].map((name) => path.join(stateHome, name));
  return (await Promise.all(folders.map((folder) => readdir(folder).catch(() => [])))).flat();
}
