import { mkdir } from 'node:fs/promises';
import type { ComposeSettings } from '../../../domain/environment.ts';
import type { Commits } from '../../../domain/ids.ts';
import type { Io } from '../../io.ts';
import type { CommandResult } from '../../process/run-command.ts';
import { bringUp } from './deploy.ts';
import { labelOf } from './files.ts';
import type { Compose } from './files.ts';
import { logsOf } from './logs.ts';
import { addressesOf, commonCommits, engineHost, servicesOf, stateOf } from './look.ts';
import { LABELS, PROJECT_LABEL, findContainers, findIds } from './containers.ts';
import type { Container, EngineAccess } from './containers.ts';
import { callEngine, findEngine } from './engine.ts';
import type { Engine } from './engine.ts';
import { EnvironmentAbsent, EnvironmentFault, ServiceUnknown } from '../errors.ts';
import type { DeployRequest, Deployment, EnvironmentConfig, EnvironmentEntry, EnvironmentProvider } from '../index.ts';
import type { EnvironmentStatus, ExecRequest } from '../index.ts';
import { callFile, hasNote, noteFolder, notesRoot, removeNote } from '../notes.ts';
import { healthOf, runsAll } from '../readiness.ts';
import { namedVariables } from '../tool.ts';
import { endUnfinished } from '../unfinished.ts';
import { addressVariables, resourceName } from '../variables.ts';

const STOP_SECONDS = 10;
const SWEEP_SECONDS = 120;

/** The user's compose files, brought up by docker or podman as a project of the environment's own. */
export function compose(config: EnvironmentConfig, settings: ComposeSettings): EnvironmentProvider {
  const root = notesRoot(config.stateHome, 'compose');
  let engine: Promise<Engine> | undefined;
  const open = async (io: Io): Promise<Compose> => {
    const environment = { ...config.toolEnvironment, ...namedVariables(settings.env, config.secret) };
    engine ??= findEngine(settings.engine, environment, io);
    engine.catch(() => (engine = undefined));
    return { settings, root, environment, engine: await engine };
  };
  return {
    provision: async ({ name }, io) => {
      await endUnfinished(callFile(root, name));
      return status(await open(io), name, io);
    },
    deploy: async (request, io) => {
      await endUnfinished(callFile(root, request.name));
      return deploy(await open(io), request, io);
    },
    status: async (name, io) => status(await open(io), name, io),
    logs: async ({ name, ...order }, io) => {
      const opened = await open(io);
      return logsOf(opened, { containers: await findContainers(opened, labelOf(name), io), ...order }, io);
    },
    exec: async (request, io) => exec(await open(io), request, io),
    list: async (io) => list(await open(io), io),
    destroy: async (name, io) => {
      await endUnfinished(callFile(root, name));
      return destroy(await open(io), name, io);
    },
    hasBegun: (name) => hasNote(root, name),
  };
}

async function status(opened: Compose, name: string, io: Io): Promise<EnvironmentStatus> {
  const containers = await findContainers(opened, labelOf(name), io);
  return { name, ...(await seen(opened, containers)) };
}

async function seen(opened: Compose, containers: readonly Container[]): Promise<Omit<EnvironmentStatus, 'name'>> {
  const addresses = addressesOf(containers, engineHost(opened.environment));
  const services = servicesOf(containers);
  const rest = { commits: commonCommits(containers), addresses };
  const state = stateOf(containers);
  if (state !== 'ready') return { state, services, ...rest };
  const asked = await healthOf({ addresses, health: opened.settings.health });
  const well = Object.values(asked).every((what) => what === 'healthy');
  return { state: well ? 'ready' : 'sick', services: { ...services, ...asked }, ...rest };
}

async function deploy(opened: Compose, request: DeployRequest, io: Io): Promise<Deployment> {
  const { name, commits } = request;
  const { state, addresses, commits: running } = await status(opened, name, io);
  if (state === 'ready' && isSame(commits, running))
    return { name, commits, addresses, variables: addressVariables(addresses) };
  return bringUp(opened, request, io);
}

const isSame = (wanted: Commits, running: Commits): boolean =>
  Object.keys(running).length === Object.keys(wanted).length && runsAll(wanted, running);

async function exec(opened: Compose, { name, service, run, seconds }: ExecRequest, io: Io): Promise<CommandResult> {
  const containers = await findContainers(opened, labelOf(name), io);
  if (containers.length === 0) throw new EnvironmentAbsent(name);
  const running = containers.filter((container) => container.status === 'running');
  const inside = running.find((container) => container.service === service);
  if (inside === undefined) throw new ServiceUnknown(name, service, [...new Set(running.map((one) => one.service))]);
  const { engine, environment } = opened;
  const line: [string, ...string[]] = [engine.containers, 'exec', inside.id, '/bin/sh', '-c', run];
  return callEngine({ line, environment, seconds }, io);
}

async function list(opened: Compose, io: Io): Promise<readonly EnvironmentEntry[]> {
  const containers = await findContainers(opened, LABELS.environment, io);
  const found = containers.map(({ labels }): [string, string] => [
    labels[LABELS.name] ?? '',
    labels[LABELS.owner] ?? '',
  ]);
  return [...new Map(found)].map(([name, owner]) => ({ name, owner }));
}

// By the project's name alone: the files may be gone, or want variables that nobody has any more.
async function destroy(opened: Compose, name: string, io: Io): Promise<void> {
  const { engine, environment, root } = opened;
  const cwd = noteFolder(root, name);
  await mkdir(cwd, { recursive: true });
  const down = ['down', '--volumes', '--remove-orphans', '--rmi', 'local', '--timeout', String(STOP_SECONDS)];
  const line: [string, ...string[]] = [...engine.compose, '--project-name', resourceName(name), ...down];
  const noteIn = callFile(root, name);
  const { output } = await callEngine({ line, cwd, environment, noteIn, seconds: opened.settings.seconds }, io);
  const left = await sweep(opened, { label: `${PROJECT_LABEL}=${resourceName(name)}`, noteIn }, io);
  if (left.length > 0) throw new EnvironmentFault('provider', `${left.join(', ')} is left after "down"`, output);
  await removeNote(root, name);
}

const KINDS = [
  ['container', ['--force', '--volumes']],
  ['network', []],
  ['volume', ['--force']],
  // Compose leaves what a build under the same name has taken the tag from.
  ['image', ['--force']],
] as const;

/** Removes by label what compose did not, and names what is left then. */
async function sweep(
  access: EngineAccess,
  { label, noteIn }: { label: string; noteIn: string },
  io: Io,
): Promise<readonly string[]> {
  const left: string[] = [];
  for (const [kind, flags] of KINDS) {
    const ids = await findIds(access, { kind, label }, io);
    if (ids.length === 0) continue;
    io.progress(`removing ${ids.length} left by compose: ${kind}`);
    const line: [string, ...string[]] = [access.engine.containers, kind, 'rm', ...flags, ...ids];
    await callEngine({ line, environment: access.environment, noteIn, seconds: SWEEP_SECONDS }, io);
    for (const id of await findIds(access, { kind, label }, io)) left.push(`${kind} ${id}`);
  }
  return left;
}
