import { randomInt, randomUUID } from 'node:crypto';
import { spawn } from 'node:child_process';
import { access, mkdir, mkdtemp, readFile, readdir, realpath, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { Server } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { commitAll } from '../git/commit.ts';
import { mustGit } from '../git/host.ts';
import type { GitHost } from '../git/host.ts';
import { addWorktree, mirrorsOf } from '../git/worktree.ts';
import type { Io } from '../io.ts';
import { logOf } from '../process/job.ts';
import type { JobCommand } from '../process/job.ts';
import { supervise } from '../process/supervise.ts';
import type { Containment, SandboxHost } from './index.ts';
import { openSandbox } from './index.ts';
import type { Errand, Loot } from './intruder.ts';
import { PROPERTIES } from './properties.ts';
import type { Evidence, Property } from './properties.ts';

const INTRUDER = fileURLToPath(new URL(`./intruder${path.extname(import.meta.url)}`, import.meta.url));

export interface ProofOrder {
  readonly host: SandboxHost;
  /** What agents would get of a worker whose environment holds these variables beside its own. */
  environment(planted: Readonly<Record<string, string>>): Readonly<Record<string, string>>;
}

/** Variables under which a worker may well hold a secret. */
const PLACES = ['GITHUB_TOKEN', 'GH_TOKEN', 'AWS_SECRET_ACCESS_KEY', 'TEMPORAL_API_KEY', 'DATABASE_URL', 'NPM_TOKEN'];

/**
 * Runs an intruder the way agents are run and tells which properties it could not break. Works in a temporary folder and with
 * processes of its own, which are gone afterwards. Throws SandboxUnavailable.
 */
export async function prove(
  { host, environment }: ProofOrder,
  io: Io,
): Promise<{ readonly containment: Containment; readonly properties: readonly Property[] }> {
  const folder = await realpath(await mkdtemp(path.join(tmpdir(), 'spec-to-pr-proof-')));
  const scene = await prepare(folder, host, io);
  try {
    const canary = scene.errand.canary;
    const containment = await openSandbox({ ...host, mirrors: (directory) => mirrorsOf(scene.git, directory) });
    const evidence = await intrude(scene, { containment, environment: environment(planted(canary)) }, io);
    const demanded = ['bubblewrap', 'container'].includes(host.choice.kind) || host.choice.network !== 'open';
    return { containment, properties: PROPERTIES.map((test) => test(evidence, { choice: host.choice, demanded })) };
  } finally {
    await scene.close();
    await rm(folder, { recursive: true, force: true });
  }
}

const planted = (canary: string): Readonly<Record<string, string>> =>
  Object.fromEntries(PLACES.map((name) => [name, canary]));

interface Scene {
  readonly folder: string;
  readonly git: GitHost;
  readonly work: string;
  readonly base: string;
  readonly errand: Errand;
  close(): Promise<void>;
}

async function prepare(folder: string, host: SandboxHost, io: Io): Promise<Scene> {
  const canary = `canary-${randomUUID()}`;
  const [user, state] = [path.join(folder, 'user'), path.join(folder, 'state')];
  const work = path.join(state, 'work');
  const secrets = [path.join(user, '.netrc'), path.join(state, 'token')];
  for (const each of [user, state]) await mkdir(each);
  for (const file of secrets) await writeFile(file, canary);
  const git = { home: state, path: host.path, identity: { name: 'doctor', email: 'doctor@example.invalid' } };
  const base = await worktree(git, work, io);
  const decoy = spawn(process.execPath, ['-e', 'setTimeout(() => {}, 60_000)', canary], {
    ...{ stdio: 'ignore', env: { GITHUB_TOKEN: canary } },
  });
  const server = createServer((socket) => socket.end());
  const errand = {
    ...{ canary, secrets, closed: [host.userHome, host.stateHome, user, state] },
    ...{ outside: path.join(folder, 'outside'), trap: path.join(folder, 'trap') },
    ...{ pid: decoy.pid ?? 0, port: await listen(server) },
    sleeps: [randomInt(100_000, 900_000), randomInt(1_000_000, 9_000_000)] as const,
  };
  const close = async (): Promise<void> => {
    decoy.kill('SIGKILL');
    server.close();
    for (const pid of (await Promise.all(errand.sleeps.map(sleeping))).flat()) kill(pid);
  };
  return { folder, git, work, base, errand, close };
}

function listen(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : 0);
    });
  });
}

/** A worktree of one empty commit; gives the commit. */
async function worktree(git: GitHost, directory: string, io: Io): Promise<string> {
  const mirror = path.join(git.home, 'mirrors', 'proof.git');
  await mustGit(git, { arguments: ['init', '--quiet', '--bare', mirror] }, io);
  const tree = await mustGit(git, { cwd: mirror, arguments: ['mktree'], input: '' }, io);
  const commit = await mustGit(git, { cwd: mirror, arguments: ['commit-tree', tree, '-m', 'Start'] }, io);
  await addWorktree(git, { mirror, directory, commit }, io);
  return commit;
}

async function intrude(
  { folder, git, work, base, errand }: Scene,
  run: { readonly containment: Containment; readonly environment: Readonly<Record<string, string>> },
  io: Io,
): Promise<Evidence> {
  const job = path.join(folder, 'state', 'job');
  const home = path.join(job, 'home');
  await mkdir(home, { recursive: true });
  const command: JobCommand = {
    file: process.execPath,
    arguments: ['--disable-warning=ExperimentalWarning', INTRUDER],
    cwd: work,
    environment: { ...run.environment, HOME: home },
    input: JSON.stringify(errand),
  };
  const wrapped = (): Promise<JobCommand> => run.containment.contain(command, { directory: work, jobDirectory: job });
  const call = path.join(job, 'call');
  await supervise({ folder: call, command: wrapped, seconds: 60, silenceSeconds: 60, graceMs: 500 }, io);
  const { stdout, stderr } = logOf(call);
  const said = await readFile(stdout, 'utf8').catch(() => '');
  if (said === '') throw new Error(`the proof did not run: ${(await readFile(stderr, 'utf8')).trim().slice(-300)}`);
  const loot: Loot = JSON.parse(said);
  const [marked, bare] = await Promise.all(errand.sleeps.map(sleeping));
  await commitAll(git, { directory: work, parent: base, message: 'Proof', trailers: {} }, io);
  return {
    ...loot,
    outside: loot.outside.filter((name) => name !== errand.outside).concat(await there(errand.outside)),
    survivors: (marked ?? []).map(String),
    hidden: (bare ?? []).map(String),
    git: await there(errand.trap),
  };
}

/** What came to be on the host, whatever the intruder believes. */
async function there(file: string): Promise<readonly string[]> {
  return access(file).then(
    () => [file],
    () => [],
  );
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has just ended by itself.
  }
}

/** Pids of the host's processes that sleep for so long. */
async function sleeping(seconds: number): Promise<readonly number[]> {
  const pids = (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name));
  const lines = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')));
  return pids.filter((_, index) => lines[index] === `/bin/sleep\0${seconds}\0`).map(Number);
}
