import { cpSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, readdir, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, afterEach } from '@jest/globals';
import { processes } from '../../../activities/environments/process/provider.ts';
import { listEnvironments } from '../../../activities/environments/process/record.ts';
import type { DeployRequest, EnvironmentConfig } from '../../../activities/environments/index.ts';
import type { EnvironmentProvider, LogRequest } from '../../../activities/environments/index.ts';
import type { Io } from '../../../activities/io.ts';
import { joined } from '../../../activities/process/kept.ts';
import { MARKER, findMarked } from '../../../activities/process/marked.ts';
import { git, gitHost, writeFiles } from '../../support/repository.ts';

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

const history = mkdtempSync(path.join(tmpdir(), 'spec-to-pr-history-'));

afterAll(() => rmSync(history, { recursive: true, force: true }));

/** Two commits of the same files, those of every service: the folder of a service is at the one that is asked for. */
export const [COMMIT_A, COMMIT_B] = makeHistory();

function makeHistory(): readonly [string, string] {
  writeFiles(history, { 'server.js': SERVER, 'package.json': '{ "type": "module" }' });
  git(history, 'init', '--quiet');
  git(history, 'add', '--all');
  const commit = (message: string): string => {
    git(history, 'commit', '--quiet', '--allow-empty', '--message', message);
    return git(history, 'rev-parse', 'HEAD');
  };
  const [first, second] = [commit('First'), commit('Second')];
  git(history, 'update-ref', 'HEAD', first);
  return [first, second];
}

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
    const provider = processes({ stateHome, environment: {}, git: gitHost(stateHome) });
    for (const { name } of await listEnvironments(stateHome)) await provider.destroy(name, ioOf());
    await rm(stateHome, { recursive: true, force: true });
  }
});

export async function scene(): Promise<Scene> {
  const stateHome = await realpath(await mkdtemp(path.join(tmpdir(), 'spec-to-pr-environment-')));
  homes.push(stateHome);
  const environment = { PATH: process.env['PATH'] ?? '', LANG: 'C.UTF-8' };
  const config: EnvironmentConfig = {
    ...{ stateHome, environment, toolEnvironment: environment, secret: () => undefined },
    git: gitHost(stateHome),
  };
  return {
    config,
    provider: processes(config),
    request: (starts, changes = {}) => ({
      name: 'shop/SPEC-1',
      owner: 'shop/SPEC-1/run',
      directories: Object.fromEntries(Object.keys(starts).map((key) => [key, path.join(stateHome, 'work', key)])),
      commits: Object.fromEntries(Object.keys(starts).map((key) => [key, COMMIT_A])),
      services: Object.entries(starts).map(([key, start]) =>
        service(path.join(stateHome, 'work', key), { key, start, commit: changes.commits?.[key] ?? COMMIT_A }),
      ),
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

interface Wish {
  readonly key: string;
  readonly start: string;
  readonly commit: string;
}

function service(directory: string, { key, start, commit }: Wish): DeployRequest['services'][number] {
  if (!existsSync(directory)) cpSync(history, directory, { recursive: true });
  if ([COMMIT_A, COMMIT_B].includes(commit)) git(directory, 'update-ref', '--no-deref', 'HEAD', commit);
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
