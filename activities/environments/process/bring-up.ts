import { setTimeout as wait } from 'node:timers/promises';
import type { ProcessCaps } from '../../../domain/environment.ts';
import type { Io } from '../../io.ts';
import { DeployFailed, DeployOvertaken, PortTaken } from '../errors.ts';
import { healthProblem, isPortTaken } from '../health.ts';
import type { DeployRequest, Deployment, ServiceRequest } from '../index.ts';
import { excessOf } from './caps.ts';
import { readEnvironment } from './record.ts';
import type { EnvironmentRecord, ServiceProcess } from './record.ts';
import { isAlive, readLog, startService } from './service.ts';
import type { StartedService } from './service.ts';
import { addressVariables } from '../variables.ts';

const POLL_MS = 50;
const LEAST_PROBE_MS = 500;
const LOG_BYTES = 20_000;

/** One making of an environment. */
export interface Making {
  readonly folder: string;
  /** What every service gets besides its own variables. */
  readonly environment: Readonly<Record<string, string>>;
  readonly record: EnvironmentRecord;
  readonly request: DeployRequest;
  readonly caps: ProcessCaps;
}

type Processes = Readonly<Record<string, ServiceProcess>>;
type Services = Readonly<Record<string, StartedService>>;

/** Where the services are, with `<KEY>_URL` for each. */
export function deploymentOf({ name, commits, ports }: EnvironmentRecord): Deployment {
  const addresses = Object.fromEntries(Object.entries(ports).map(([key, port]) => [key, `http://127.0.0.1:${port}`]));
  return { name, commits, addresses, variables: addressVariables(addresses) };
}

/** Where a service says how it is. */
export function healthUrl(record: EnvironmentRecord, { key, health }: Pick<ServiceRequest, 'key' | 'health'>): string {
  return `http://127.0.0.1:${record.ports[key]}${health}`;
}

/** Starts the services in order, each when the one before is healthy. All of them live at the end. */
export async function startAll(making: Making, io: Io): Promise<Processes> {
  let started: Services = {};
  for (const service of making.request.services) {
    io.signal.throwIfAborted();
    io.progress(`starting ${service.key}`);
    started = { ...started, [service.key]: await start(making, service) };
    await untilHealthy({ making, service, started }, io);
  }
  await expectAlive(making, started);
  await expectOurs(making.folder, making.record);
  return Object.fromEntries(Object.entries(started).map(([key, { process }]) => [key, process]));
}

async function start({ folder, environment, record, caps }: Making, service: ServiceRequest): Promise<StartedService> {
  const port = record.ports[service.key] ?? 0;
  if (await isPortTaken(port)) throw new PortTaken(service.key, `found port ${port} taken`, '');
  return startService({
    ...service,
    folder,
    caps,
    marker: record.marker,
    environment: { ...environment, ...deploymentOf(record).variables, PORT: String(port), HOST: '127.0.0.1' },
  });
}

interface Watch {
  readonly making: Making;
  readonly service: ServiceRequest;
  readonly started: Services;
}

async function untilHealthy({ making, service, started }: Watch, io: Io): Promise<void> {
  const { folder, record, request } = making;
  const deadline = Date.now() + request.healthSeconds * 1000;
  for (;;) {
    io.signal.throwIfAborted();
    await expectOurs(folder, record);
    await expectAlive(making, started);
    const problem = await healthProblem(healthUrl(record, service), Math.max(LEAST_PROBE_MS, deadline - Date.now()));
    if (problem === undefined) return;
    if (Date.now() >= deadline) {
      const why = `was not healthy after ${request.healthSeconds} s (${problem} from ${service.health})`;
      throw new DeployFailed(service.key, why, await readLog(folder, service.key, LOG_BYTES));
    }
    await wait(POLL_MS);
  }
}

async function expectAlive({ folder }: Making, started: Services): Promise<void> {
  for (const [key, { process, ending }] of Object.entries(started)) {
    if (await isAlive(process)) continue;
    const log = await readLog(folder, key, LOG_BYTES);
    const excess = await excessOf(folder, key);
    if (excess !== undefined) throw new DeployFailed(key, `was ended: ${excess}`, log);
    if (/EADDRINUSE|address already in use/i.test(log)) throw new PortTaken(key, 'found its port taken', log);
    throw new DeployFailed(key, `${await ending()} before the environment was ready`, log);
  }
}

/**
 * Throws DeployOvertaken unless the record on disk is this one's: a call that lost its worker may still be at work when the next
 * one starts or destroys, and whoever wrote the record last has won.
 */
export async function expectOurs(folder: string, record: EnvironmentRecord): Promise<void> {
  const current = await readEnvironment(folder);
  if (current?.marker !== record.marker)
    throw new DeployOvertaken(`environment "${record.name}" was destroyed or made anew meanwhile`);
}
