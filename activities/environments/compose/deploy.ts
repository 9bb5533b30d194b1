import { setTimeout as wait } from 'node:timers/promises';
import { tail } from '../../../domain/text.ts';
import type { Io } from '../../io.ts';
import type { CommandResult } from '../../process/run-command.ts';
import { composeCall, labelOf } from './files.ts';
import type { Compose } from './files.ts';
import { logsOf } from './logs.ts';
import { addressesOf, commitsOf, conditionOf, engineHost } from './look.ts';
import { findContainers } from './containers.ts';
import type { Container } from './containers.ts';
import { callEngine, endOf, engineFaultOf } from './engine.ts';
import type { EngineCall } from './engine.ts';
import { DeployFailed, EnvironmentFault, hostFaultOf } from '../errors.ts';
import type { DeployRequest, Deployment } from '../index.ts';
import { callFile, noteOf, writeNote } from '../notes.ts';
import { expectCommits, untilHealthy } from '../readiness.ts';
import { addressVariables } from '../variables.ts';

const POLL_MS = 500;
const LOG_BYTES = 20_000;

/** Builds and starts the services; returns when all of them run the candidate's commits and are well. */
export async function bringUp(compose: Compose, request: DeployRequest, io: Io): Promise<Deployment> {
  const { settings, environment } = compose;
  const { name, commits, healthSeconds } = request;
  const deadline = Date.now() + settings.seconds * 1000;
  const call = await composeCall(compose, request, io);
  await writeNote(compose.root, noteOf(request));
  io.progress(`compose up ${name}`);
  const line: EngineCall['line'] = [...call.line, 'up', '--detach', '--build', '--remove-orphans'];
  const noteIn = callFile(compose.root, name);
  const result = await callEngine({ ...call, line, noteIn, seconds: settings.seconds }, io);
  if (result.exitCode !== 0) throw await failure(compose, { request, result, line }, io);
  const containers = await untilUp(compose, { request, deadline }, io);
  expectAll(containers, commits);
  const addresses = addressesOf(containers, engineHost(environment));
  const logOf = (service: string): Promise<string> => logTail(compose, { containers, service }, io);
  const check = async (): Promise<void> => {
    const broken = await brokenOf(compose, await findContainers(compose, labelOf(name), io), io);
    if (broken !== undefined) throw broken;
  };
  await untilHealthy({ addresses, health: settings.health, seconds: healthSeconds, logOf, check }, io);
  return { name, commits, addresses, variables: addressVariables(addresses) };
}

/** Throws DeployStale for a container that was made for other commits, or for none that can be told. */
function expectAll(containers: readonly Container[], wanted: DeployRequest['commits']): void {
  for (const container of containers) {
    const seen = commitsOf(container);
    const runs = Object.fromEntries(Object.keys(wanted).map((key) => [key, seen[key] ?? '']));
    expectCommits({ where: `service "${container.service}"`, wanted, runs });
  }
}

interface Up {
  readonly request: DeployRequest;
  readonly result: CommandResult;
  readonly line: readonly string[];
}

// What failed to come up as a dependency says more than compose does.
async function failure(compose: Compose, { request, result, line }: Up, io: Io): Promise<Error> {
  const blamed = engineFaultOf(result.output) ?? hostFaultOf(result.output);
  if (blamed !== undefined) return new EnvironmentFault(blamed, endOf(line, result), result.output);
  const containers = await findContainers(compose, labelOf(request.name), io);
  const broken = await brokenOf(compose, containers, io);
  return (
    broken ?? new DeployFailed('environment', `did not come up: ${endOf(line, result)}`, tail(result.output, LOG_BYTES))
  );
}

async function brokenOf(compose: Compose, containers: readonly Container[], io: Io): Promise<DeployFailed | undefined> {
  for (const container of containers) {
    const condition = conditionOf(container);
    if (condition === undefined || !('bad' in condition)) continue;
    const { service } = container;
    return new DeployFailed(service, condition.bad, await logTail(compose, { containers, service }, io));
  }
  return undefined;
}

async function untilUp(
  compose: Compose,
  { request, deadline }: { request: DeployRequest; deadline: number },
  io: Io,
): Promise<readonly Container[]> {
  for (;;) {
    io.signal.throwIfAborted();
    const containers = await findContainers(compose, labelOf(request.name), io);
    const broken = await brokenOf(compose, containers, io);
    if (broken !== undefined) throw broken;
    const waiting = containers.find((container) => conditionOf(container) !== undefined);
    if (waiting === undefined) {
      if (containers.length > 0) return containers;
      throw new DeployFailed('environment', 'has no container after "compose up"', '');
    }
    const { service } = waiting;
    if (Date.now() >= deadline) {
      const why = `was not healthy after ${compose.settings.seconds} s`;
      throw new DeployFailed(service, why, await logTail(compose, { containers, service }, io));
    }
    io.progress(`waiting for ${service}`);
    await wait(POLL_MS, undefined, { signal: io.signal }).catch(() => undefined);
  }
}

async function logTail(
  compose: Compose,
  { containers, service }: { containers: readonly Container[]; service: string },
  io: Io,
): Promise<string> {
  const own = containers.filter((container) => container.service === service);
  return (await logsOf(compose, { containers: own, maxBytes: LOG_BYTES }, io))[service]?.tail ?? '';
}
