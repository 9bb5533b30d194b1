import { randomUUID } from 'node:crypto';
import type { ProcessCaps } from '../../../domain/environment.ts';
import { sameCommits } from '../../../domain/verdict.ts';
import type { GitHost } from '../../git/host.ts';
import type { Io } from '../../io.ts';
import { commitsOf, readCheckouts, readCommits } from './checkouts.ts';
import { deploymentOf, expectOurs, healthUrl, startAll } from './bring-up.ts';
import { DeployFailed, DeployOvertaken, EnvironmentAbsent, EnvironmentFault, PortTaken } from '../errors.ts';
import { endProcesses, expectSilence } from './end.ts';
import { healthProblem, isDiskFull, isPortTaken, portsIn } from '../health.ts';
import type { DeployRequest, Deployment, EnvironmentConfig, EnvironmentProvider } from '../index.ts';
import { execIn, statusOf } from './look.ts';
import { logsOf, positionsOf } from './logs.ts';
import { claimPorts, releasePorts } from './ports.ts';
import { expectCommits } from '../readiness.ts';
import {
  claimsFolder,
  createEnvironment,
  environmentFolder,
  listEnvironments,
  noteFailure,
  readEnvironment,
  removeEnvironment,
  writeEnvironment,
} from './record.ts';
import type { EnvironmentRecord } from './record.ts';
import { isAlive } from './service.ts';

const PORT_TRIES = 3;

/** Runs the candidate's own start commands as processes of this host, each on a free port. */
export function processes(
  { stateHome, environment, git }: Pick<EnvironmentConfig, 'stateHome' | 'environment' | 'git'>,
  caps: ProcessCaps = {},
): EnvironmentProvider {
  const folderOf = (name: string): string => environmentFolder(stateHome, name);
  const placeOf = (name: string): Place => ({
    name,
    folder: folderOf(name),
    claims: claimsFolder(stateHome),
    environment,
    caps,
    git,
  });
  return {
    provision: ({ name }, io) => statusOf(placeOf(name), io),
    deploy: (request, io) => deploy(placeOf(request.name), request, io),
    status: (name, io) => statusOf(placeOf(name), io),
    logs: (request) => logsOf(folderOf(request.name), request),
    logPositions: (name) => positionsOf(folderOf(name)),
    exec: async (request, io) => {
      const record = await readEnvironment(folderOf(request.name));
      if (record === undefined) throw new EnvironmentAbsent(request.name);
      return execIn({ record, environment }, request, io);
    },
    list: async () => (await listEnvironments(stateHome)).map(({ name, owner }) => ({ name, owner })),
    destroy: (name) => takeDown(placeOf(name), true),
    hasBegun: async (name) => (await readEnvironment(folderOf(name))) !== undefined,
  };
}

interface Place {
  readonly name: string;
  readonly folder: string;
  /** Folder of the claimed ports. */
  readonly claims: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly caps: ProcessCaps;
  readonly git: GitHost;
}

async function deploy(place: Place, request: DeployRequest, io: Io): Promise<Deployment> {
  const before = await readEnvironment(place.folder);
  if (before !== undefined && (await serves(before, request))) return deploymentOf(before);
  await takeDown(place);
  for (let tries = 1; ; tries += 1) {
    try {
      return await make(place, request, io);
    } catch (error) {
      if (!(error instanceof PortTaken) || tries === PORT_TRIES) throw await blame(error, place.folder);
      io.progress(`${error.message}: trying others`);
      await takeDown(place);
    }
  }
}

/** The host's fault where that shows after all processes of the candidate have ended, else the error itself. */
async function blame(error: unknown, folder: string): Promise<unknown> {
  if (!(error instanceof DeployFailed)) return error;
  if (await isDiskFull(folder)) return new EnvironmentFault('disk', `${error.message}: no space left`, error.logTail);
  if (!(error instanceof PortTaken)) return error;
  for (const port of portsIn(error.logTail))
    if (await isPortTaken(port))
      return new EnvironmentFault('port', `${error.message}: another process has ${port}`, error.logTail);
  return error;
}

/** Whether an environment is exactly what is asked for, whole and well. */
async function serves(record: EnvironmentRecord, { commits, services }: DeployRequest): Promise<boolean> {
  const keys = Object.keys(record.processes);
  if (!record.ready || !sameCommits(record.commits, commits) || keys.length !== services.length) return false;
  for (const service of services) {
    const process = record.processes[service.key];
    if (process === undefined || !(await isAlive(process))) return false;
    if ((await healthProblem(healthUrl(record, service))) !== undefined) return false;
  }
  return true;
}

async function make(place: Place, request: DeployRequest, io: Io): Promise<Deployment> {
  const { folder, claims, git } = place;
  const { name, owner, commits } = request;
  const services = Object.fromEntries(
    request.services.map(({ key, directory, health }) => [key, { directory, health }]),
  );
  const marker = randomUUID();
  const empty: EnvironmentRecord = { name, owner, commits, services, marker, ports: {}, processes: {}, ready: false };
  if (!(await createEnvironment(folder, empty)))
    throw new DeployOvertaken(`environment "${name}" is being made or destroyed by another call`);
  const keys = request.services.map(({ key }) => key);
  try {
    const checkouts = await readCheckouts(git, request.directories, io);
    expectCommits({ where: `environment "${name}"`, wanted: commits, runs: commitsOf(checkouts) });
    const record = { ...empty, checkouts, ports: await claimPorts(claims, folder, keys) };
    await expectOurs(folder, record);
    await writeEnvironment(folder, record);
    const started = await startAll({ ...place, record, request }, io);
    expectCommits({ where: `environment "${name}"`, wanted: commits, runs: await readCommits(git, checkouts, io) });
    await writeEnvironment(folder, { ...record, processes: started, ready: true });
    return deploymentOf(record);
  } catch (error) {
    await endProcesses(folder, empty);
    // What another call has taken away failed for that reason alone.
    if (!io.signal.aborted) await expectOurs(folder, empty);
    await noteFailure(folder, empty);
    throw error;
  }
}

// Stopped twice: a call that was cut off may start one more service before it finds its record gone.
async function takeDown({ folder, claims }: Pick<Place, 'folder' | 'claims'>, isLast = false): Promise<void> {
  let record = await readEnvironment(folder);
  for (;;) {
    if (record !== undefined) await endProcesses(folder, record);
    const now = await readEnvironment(folder);
    if (now?.marker === record?.marker) break;
    record = now;
  }
  if (isLast && record !== undefined) await expectSilence(record);
  await releasePorts(claims, folder);
  await removeEnvironment(folder);
  if (record !== undefined) await endProcesses(folder, record);
}
