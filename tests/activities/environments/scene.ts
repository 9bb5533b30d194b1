import { mkdir, mkdtemp, readFile, readdir, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterEach } from '@jest/globals';
import { processes } from '../../../activities/environments/process/provider.ts';
import { listEnvironments } from '../../../activities/environments/process/record.ts';
import type { DeployRequest, EnvironmentConfig } from '../../../activities/environments/index.ts';
import type { EnvironmentProvider, LogRequest } from '../../../activities/environments/index.ts';
import type { Io } from '../../../activities/io.ts';
import { joined } from '../../../activities/process/kept.ts';
import { MARKER, findMarked } from '../../../activities/process/marked.ts';
import { writeFiles } from '../../support/repository.ts';

export const COMMIT_A = 'a'.repeat(40);
export const COMMIT_B = 'b'.repeat(40);

const SERVER = `
import { createServer } from 'node:http';
const { PORT, HOST } = process.env;
createServer((request, response) => {
  if (request.url.startsWith('/say/')) console.log(request.url.slice('/say/'.length));
  response.end(JSON.stringify({ pid: process.pid, cwd: process.cwd(), env: process.env }));
}).listen(Number(PORT), HOST, () => console.log('listening'));
`;
const ANSWERS = (status: number): string =>
  `node -e "require('http').createServer((q, s) => { s.statusCode = ${status}; s.end() }).listen(process.env.PORT, '127.0.0.1')"`;

/** Start commands of services that behave in these ways. */
export const START = { good: 'exec node server.js', answers: ANSWERS, silent: 'sleep 60' } as const;

export interface Scene {
  readonly config: EnvironmentConfig;
  readonly provider: EnvironmentProvider;
  /** A request with these start commands by service; each service has a folder of its own. */
  request(starts: Readonly<Record<string, string>>, changes?: Partial<DeployRequest>): DeployRequest;
  /** Pids of all processes of the environment as it is recorded, without those that only watch them. */
  running(): Promise<readonly number[]>;
}

const homes: string[] = [];

afterEach(async () => {
  for (const stateHome of homes.splice(0)) {
    const provider = processes({ stateHome, environment: {} });
    for (const { name } of await listEnvironments(stateHome)) await provider.destroy(name, ioOf());
    await rm(stateHome, { recursive: true, force: true });
  }
});

export async function scene(): Promise<Scene> {
  const stateHome = await realpath(await mkdtemp(path.join(tmpdir(), 'spec-to-pr-environment-')));
  homes.push(stateHome);
  const environment = { PATH: process.env['PATH'] ?? '', LANG: 'C.UTF-8' };
  const config: EnvironmentConfig = { stateHome, environment, toolEnvironment: environment, secret: () => undefined };
  return {
    config,
    provider: processes(config),
    request: (starts, changes = {}) => ({
      name: 'shop/SPEC-1',
      owner: 'shop/SPEC-1/run',
      directories: Object.fromEntries(Object.keys(starts).map((key) => [key, path.join(stateHome, 'work', key)])),
      commits: Object.fromEntries(Object.keys(starts).map((key) => [key, COMMIT_A])),
      services: Object.entries(starts).map(([key, start]) => service(path.join(stateHome, 'work'), key, start)),
      healthSeconds: 10,
      ...changes,
    }),
    running: async () => {
      const [record] = await listEnvironments(stateHome);
      if (record === undefined) return [];
      const pids = await findMarked(record.marker);
      const watches = await Promise.all(pids.map((pid) => isWatching(pid, record.marker)));
      return pids.filter((_, index) => watches[index] === false);
    },
  };
}

/** Watchers start programs all the time: each process is asked for its own mark. One that has ended is counted as one of theirs. */
async function isWatching(pid: number, marker: string): Promise<boolean> {
  if (process.platform !== 'linux') return false;
  const environment = await readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '');
  return !environment.split('\0').includes(`${MARKER}=${marker}`);
}

function service(work: string, key: string, start: string): DeployRequest['services'][number] {
  const directory = path.join(work, key);
  writeFiles(directory, { 'server.js': SERVER, 'package.json': '{ "type": "module" }' });
  return { key, directory, start, health: '/healthz' };
}

/** An `Io` that notes the steps; `aborted` ends the call with this reason. */
export function ioOf(controller = new AbortController()): Io & { readonly steps: string[] } {
  const steps: string[] = [];
  return { signal: controller.signal, progress: (step) => void steps.push(step), steps };
}

/** What the service at this address tells about its own process. */
export async function ask(url: string): Promise<{ pid: number; cwd: string; env: Record<string, string> }> {
  return JSON.parse(await (await fetch(url)).text());
}

/** The logs that a request gives, as texts. */
export async function textsOf(
  provider: EnvironmentProvider,
  request: LogRequest,
): Promise<Readonly<Record<string, string>>> {
  const logs = await provider.logs(request, ioOf());
  return Object.fromEntries(Object.entries(logs).map(([service, text]) => [service, joined(text)]));
}

/** Waits until the condition holds; the test's own limit ends the wait. */
export async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await wait(20);
}

/** Folders of environments that are still there. */
export async function environmentFolders({ config }: Scene): Promise<readonly string[]> {
  const root = path.join(config.stateHome, 'environments');
  await mkdir(root, { recursive: true });
  return readdir(root);
}
