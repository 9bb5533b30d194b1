import { rm } from 'node:fs/promises';
import { baseCandidate } from '../activities/base-candidate.ts';
import { openCandidate } from '../activities/candidate.ts';
import type { Candidate } from '../activities/candidate.ts';
import { deploy } from '../activities/deploy.ts';
import type { Deployed } from '../activities/deploy.ts';
import { e2e } from '../activities/e2e.ts';
import { EnvironmentAbsent, EnvironmentFault } from '../activities/environments/errors.ts';
import type { EnvironmentEntry, EnvironmentStatus } from '../activities/environments/index.ts';
import { runsAll } from '../activities/environments/readiness.ts';
import { addressVariables } from '../activities/environments/variables.ts';
import { runFolder } from '../activities/folders.ts';
import type { Io } from '../activities/io.ts';
import type { Ports } from '../activities/ports.ts';
import { withoutSecrets } from '../activities/redact.ts';
import { readLogs } from '../activities/service-logs.ts';
import type { CommandResult } from '../activities/process/run-command.ts';
import type { Client } from '@temporalio/client';
import { isHostBound } from '../domain/environment.ts';
import type { GateResult } from '../domain/gate.ts';
import type { RunKey } from '../domain/ids.ts';
import { leaseIdOf, ownerOf } from '../domain/lease.ts';
import type { Project } from '../domain/project.ts';
import { workerConfig } from './config.ts';
import { gitIdentity } from './identity.ts';
import { temporalLeases } from './leases.ts';
import { noLedger } from './ledger.ts';
import { createPorts } from './ports.ts';

/** What is asked for is not what runs. */
export class NotDeployed extends Error {
  override readonly name = 'NotDeployed';
}

/** What a person can do with environments of a project without a run. Every call is idempotent by the environment's name. */
export interface ByHand {
  list(): Promise<readonly EnvironmentEntry[]>;
  status(name: string): Promise<EnvironmentStatus>;
  /** `at` names a branch, tag or commit by repository; the others are at their base branch. Throws CommitUnknown. */
  find(name: string, at: Readonly<Record<string, string>>): Promise<Candidate>;
  provision(name: string, candidate: Candidate): Promise<EnvironmentStatus>;
  /** `seconds`: how long its lease, where there is one, may be silent. */
  deploy(name: string, candidate: Candidate, seconds: number): Promise<Deployed>;
  /** `since` in milliseconds since the epoch; without it the end of each log. */
  logs(name: string, since?: number): Promise<Readonly<Record<string, string>>>;
  exec(order: { readonly name: string; readonly service: string; readonly run: string }): Promise<CommandResult>;
  /** The project's end-to-end suite against an environment that is up. */
  e2e(name: string, at: Readonly<Record<string, string>>): Promise<GateResult>;
  /** Returns when the provider says that it is gone. */
  destroy(name: string): Promise<void>;
  /** Names the worktrees that an environment is made from. */
  worktreesOf(name: string): RunKey;
  /** The host that environments are made on. */
  readonly host: string;
}

export interface HandScene {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Of the server that holds the leases, where one is reached. */
  readonly client: Client | undefined;
  readonly io: Io;
}

/** Opens the project's provider on this host. */
export async function byHand(project: Project, { environment, client, io: given }: HandScene): Promise<ByHand> {
  const server = client === undefined ? [] : [{ ledger: noLedger, leases: await temporalLeases(client) }];
  const ports = createPorts(workerConfig(environment), await gitIdentity(environment), ...server);
  const io = { ...given, progress: (step: string) => given.progress(ports.redact(step)) };
  const provider = ports.environment(project.environment);
  const scene = { ports, project, io };
  return {
    list: () => provider.list(io),
    async status(name) {
      const { deployed: _deployed, ...seen } = await provider.status(name, io);
      return withoutSecrets(seen, ports.redact);
    },
    find: (name, at) => candidateOf(scene, name, at),
    async provision(name, candidate) {
      const directories = await openCandidate(ports, candidate, io);
      const owner = ownerOf(ports.leases.installation, candidate.key.workflowId);
      return provider.provision({ name, owner, directories, commits: candidate.commits }, io);
    },
    async deploy(name, candidate, seconds) {
      const lease = { id: leaseIdOf(project.key, name), seconds };
      return deploy(ports, { ...candidate, environment: project.environment, name, lease }, io);
    },
    logs: (name, since) => {
      const window = since === undefined ? {} : { since: { at: since } };
      return readLogs(ports, { environment: project.environment, name, ...window }, io);
    },
    exec: async (order) =>
      withoutSecrets(await provider.exec({ ...order, seconds: project.limits.checkSeconds }, io), ports.redact),
    async e2e(name, at) {
      const seen = await provider.status(name, io);
      if (project.environment.kind !== 'none' && isGone(seen)) throw new EnvironmentAbsent(name);
      const running = runningIn(project, seen);
      const candidate = await candidateOf(scene, name, { ...running, ...at });
      expectDeployed(candidate, running, { name, at });
      const { addresses } = seen;
      const variables = { ...seen.deployed?.variables, ...addressVariables(addresses) };
      const deployment = { name, commits: candidate.commits, addresses, variables };
      const id = leaseIdOf(project.key, name);
      const lease = (await ports.leases.isHeld(id)) ? { lease: { id, seconds: project.leases.seconds } } : {};
      const order = { ...candidate, environment: project.environment, e2e: project.e2e, deployment, ...lease };
      return e2e(ports, order, io);
    },
    worktreesOf: (name) => keyOf(project, name),
    host: ports.host(),
    async destroy(name) {
      await provider.destroy(name, io);
      const after = await provider.status(name, io);
      if (!isGone(after))
        throw new EnvironmentFault('provider', `the environment "${name}" is ${after.state} after it was destroyed`);
      await rm(runFolder(ports.home, keyOf(project, name)), { recursive: true, force: true });
    },
  };
}

interface Scene {
  readonly ports: Ports;
  readonly project: Project;
  readonly io: Io;
}

const isGone = ({ state }: EnvironmentStatus): boolean => state === 'absent' || state === 'deprovisioned';

/**
 * The commits that a suite is to judge. An environment of this host is told by its own record: what has become of it since, the
 * suite finds out.
 */
function runningIn(
  { environment }: Project,
  { commits, deployed }: EnvironmentStatus,
): Readonly<Record<string, string>> {
  return isHostBound(environment.kind) ? { ...commits, ...deployed?.commits } : { ...deployed?.commits, ...commits };
}

/** Names the worktrees of an environment that was made by hand. */
function keyOf({ key }: Project, name: string): RunKey {
  return { workflowId: `${key}/by-hand/${name}`, firstRunId: name };
}

function candidateOf(
  { ports, project, io }: Scene,
  name: string,
  at: Readonly<Record<string, string>>,
): Promise<Candidate> {
  return baseCandidate(ports, { project, key: keyOf(project, name), name, at }, io);
}

/** A suite judges what runs. Throws NotDeployed where `at` names something else. */
function expectDeployed(
  { commits }: Candidate,
  running: Readonly<Record<string, string>>,
  { name, at }: { readonly name: string; readonly at: Readonly<Record<string, string>> },
): void {
  for (const [key, reference] of Object.entries(at)) {
    const [wanted = '', runs] = [commits[key], running[key]];
    if (runs === undefined || runsAll({ [key]: wanted }, running)) continue;
    throw new NotDeployed(
      `the environment "${name}" runs ${runs.slice(0, 12)} of "${key}", and "${reference}" is ${wanted.slice(0, 12)}: deploy it first`,
    );
  }
}
