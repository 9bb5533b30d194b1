import { rm } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { openCandidate } from '../activities/candidate.ts';
import type { Candidate } from '../activities/candidate.ts';
import { deploy, e2e } from '../activities/e2e.ts';
import type { Deployed } from '../activities/e2e.ts';
import type { EnvironmentEntry, EnvironmentStatus } from '../activities/environments/index.ts';
import { addressVariables } from '../activities/environments/variables.ts';
import { runFolder } from '../activities/folders.ts';
import { git } from '../activities/git/host.ts';
import { ensureMirror, resolveBase } from '../activities/git/mirror.ts';
import type { Io } from '../activities/io.ts';
import type { Ports } from '../activities/ports.ts';
import type { CommandResult } from '../activities/process/run-command.ts';
import type { GateResult } from '../domain/gate.ts';
import type { Project } from '../domain/project.ts';
import { remotesOf } from '../domain/project.ts';
import type { RunRepository } from '../domain/run.ts';
import { workerConfig } from './config.ts';
import { gitIdentity } from './identity.ts';
import { createPorts } from './ports.ts';

/** A person named a commit that is not there. */
export class CommitUnknown extends Error {
  override readonly name = 'CommitUnknown';
}

const MAX_LOG_BYTES = 256 * 1024;

/** What a person can do with environments of a project without a run. Every call is idempotent by the environment's name. */
export interface ByHand {
  list(): Promise<readonly EnvironmentEntry[]>;
  status(name: string): Promise<EnvironmentStatus>;
  /** `at` names a branch, tag or commit by repository; the others are at their base branch. */
  provision(name: string, at: Readonly<Record<string, string>>): Promise<EnvironmentStatus>;
  deploy(name: string, at: Readonly<Record<string, string>>): Promise<Deployed>;
  logs(name: string): Promise<Readonly<Record<string, string>>>;
  exec(order: { readonly name: string; readonly service: string; readonly run: string }): Promise<CommandResult>;
  /** The project's end-to-end suite against an environment that is up. */
  e2e(name: string, at: Readonly<Record<string, string>>): Promise<GateResult>;
  destroy(name: string): Promise<void>;
}

/** Opens the project's provider on this host. */
export async function byHand(
  project: Project,
  environment: Readonly<Record<string, string | undefined>>,
  io: Io,
): Promise<ByHand> {
  const ports = createPorts(workerConfig(environment), await gitIdentity(environment));
  const provider = ports.environment(project.environment);
  const scene = { ports, project, io };
  const owner = `${userInfo().username}, by hand`;
  return {
    list: () => provider.list(io),
    status: (name) => provider.status(name, io),
    async provision(name, at) {
      const candidate = await candidateOf(scene, name, at);
      const directories = await openCandidate(ports, candidate, io);
      return provider.provision({ name, owner, directories, commits: candidate.commits }, io);
    },
    async deploy(name, at) {
      const candidate = await candidateOf(scene, name, at);
      return deploy(ports, { ...candidate, environment: project.environment, name }, io);
    },
    logs: (name) => provider.logs(name, MAX_LOG_BYTES, io),
    exec: (order) => provider.exec({ ...order, seconds: project.limits.checkSeconds }, io),
    async e2e(name, at) {
      const { addresses, commits } = await provider.status(name, io);
      const candidate = await candidateOf(scene, name, { ...commits, ...at });
      const deployment = { name, commits: candidate.commits, addresses, variables: addressVariables(addresses) };
      return e2e(ports, { ...candidate, environment: project.environment, e2e: project.e2e, deployment }, io);
    },
    async destroy(name) {
      await provider.destroy(name, io);
      await rm(runFolder(ports.home, keyOf(project, name)), { recursive: true, force: true });
    },
  };
}

interface Scene {
  readonly ports: Ports;
  readonly project: Project;
  readonly io: Io;
}

function keyOf({ key }: Project, name: string): Candidate['key'] {
  return { workflowId: `${key}/by-hand/${name}`, firstRunId: name };
}

async function candidateOf(
  { ports, project, io }: Scene,
  name: string,
  at: Readonly<Record<string, string>>,
): Promise<Candidate> {
  const { repositories, limits, forge } = project;
  const found = await Promise.all(
    repositories.map(async ({ key, url, base }): Promise<RunRepository & { readonly commit: string }> => {
      const mirror = await ensureMirror(ports.git, { url, credentials: ports.forge(forge).credentials(url) }, io);
      const baseCommit = await resolveBase(ports.git, { mirror, url, base }, io);
      const wanted = at[key];
      if (wanted === undefined) return { key, url, base, baseCommit, commit: baseCommit };
      const asked = ['rev-parse', '--verify', '--quiet', '--end-of-options', `${wanted}^{commit}`];
      const { exitCode, stdout } = await git(ports.git, { cwd: mirror, arguments: asked }, io);
      if (exitCode !== 0) throw new CommitUnknown(`the repository "${key}" has no branch, tag or commit "${wanted}"`);
      return { key, url, base, baseCommit, commit: stdout.trim() };
    }),
  );
  return {
    ...{ key: keyOf(project, name), workId: name, remotes: remotesOf(project), attempt: 1 },
    commits: Object.fromEntries(found.map(({ key, commit }) => [key, commit])),
    pinned: found.map(({ key, url, base, baseCommit }) => ({ key, url, base, baseCommit })),
    ...{ repositories, limits },
  };
}
