import { mkdir, readFile, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { processes } from '../activities/environments/process/provider.ts';
import { isPortTaken } from '../activities/environments/health.ts';
import type { DeployRequest, Deployment, EnvironmentProvider } from '../activities/environments/index.ts';
import { Interruption } from '../activities/io.ts';
import type { Io } from '../activities/io.ts';
import type { Figure } from './run.ts';
import { median, timed } from './support.ts';

const CYCLES = 1000;
const SERVER = `require('http').createServer((q, s) => s.end()).listen(process.env.PORT, process.env.HOST)`;

/** What is left of environments that were made and ended in turn: as a whole, with their service killed before, and cut off at work. */
export async function measureEnvironments(folder: string): Promise<readonly Figure[]> {
  const cycles = wantedCycles();
  const environment = { PATH: process.env['PATH'] ?? '' };
  const git = { home: folder, path: environment.PATH, identity: { name: 'bench', email: 'bench@example.com' } };
  const provider = processes({ stateHome: folder, environment, git });
  const work = path.join(folder, 'work');
  await mkdir(work, { recursive: true });
  await writeFile(path.join(work, 'server.cjs'), SERVER);
  const busy: number[] = [];
  const times: number[] = [];
  for (let number = 0; number < cycles; number += 1)
    times.push(await timed(() => cycle({ provider, busy, folder, request: requestOf(work, number) }, number)));
  const claims = await readdir(path.join(folder, 'environment-ports'));
  const environments =
    (await provider.list(quiet())).length + (await readdir(path.join(folder, 'environments'))).length;
  const left = (what: string, value: number): Figure => {
    return { name: `${what} left by ${cycles} provision/kill cycles`, value, unit: what, target: 0 };
  };
  return [
    left('environments', environments),
    left('processes', (await living(folder)).length),
    left('ports', busy.length + claims.length),
    { name: 'provision/kill cycle', value: median(times), unit: 'ms', target: 1000 },
  ];
}

function wantedCycles(): number {
  const { values } = parseArgs({ options: { cycles: { type: 'string' } }, strict: false });
  const cycles = Number(values.cycles ?? CYCLES);
  if (!Number.isInteger(cycles) || cycles < 1)
    throw new RangeError(`--cycles has to be a number, not "${values.cycles}"`);
  return cycles;
}

function requestOf(directory: string, number: number): DeployRequest {
  const service = { key: 'api', directory, start: 'exec node server.cjs', health: '/' };
  const commits = { api: 'a'.repeat(40) };
  return {
    ...{ name: `bench/${number}`, owner: 'bench', commits, directories: { api: directory } },
    ...{ services: [service], healthSeconds: 60 },
  };
}

interface Round {
  readonly provider: EnvironmentProvider;
  /** Ports that somebody still listened on right after their environment was destroyed. */
  readonly busy: number[];
  readonly folder: string;
  readonly request: DeployRequest;
}

async function cycle({ provider, busy, folder, request }: Round, number: number): Promise<void> {
  const controller = new AbortController();
  const cut = number % 3 === 2;
  const io: Io = {
    signal: controller.signal,
    progress: () => void (cut && setTimeout(() => controller.abort(new Interruption('stop')), number % 60)),
  };
  let addresses: Deployment['addresses'] = {};
  try {
    ({ addresses } = await provider.deploy(request, io));
  } catch (error) {
    if (!(error instanceof Interruption)) throw error;
  }
  if (number % 3 === 1) for (const pid of await living(folder)) process.kill(pid, 'SIGKILL');
  await provider.destroy(request.name, quiet());
  for (const address of Object.values(addresses)) {
    const port = Number(new URL(address).port);
    if (await isPortTaken(port)) busy.push(port);
  }
}

function quiet(): Io {
  return { signal: new AbortController().signal, progress: () => undefined };
}

/** Pids of what was started for environments of this state folder. */
async function living(folder: string): Promise<readonly number[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const ours = await Promise.all(
    pids.map(async (pid) =>
      (await readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '')).includes(`HOME=${folder}/`),
    ),
  );
  return pids.filter((_, index) => ours[index]).map(Number);
}
