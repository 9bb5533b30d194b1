import { realpath } from 'node:fs/promises';
import path from 'node:path';
import { randomUUID } from 'node:crypto';
import type { GitHost } from '../../git/host.ts';
import type { Io } from '../../io.ts';
import type { CommandResult } from '../../process/run-command.ts';
import { runContained } from '../../process/run-contained.ts';
import { deploymentOf, healthUrl } from './bring-up.ts';
import { PathOutside, ServiceUnknown } from '../errors.ts';
import { healthProblem } from '../health.ts';
import type { EnvironmentStatus, ExecRequest } from '../index.ts';
import { excessOf } from './caps.ts';
import { readCommits } from './checkouts.ts';
import { hasFailed, readEnvironment } from './record.ts';
import type { EnvironmentRecord } from './record.ts';
import { isAlive } from './service.ts';

interface Asked {
  readonly name: string;
  readonly folder: string;
  readonly git: GitHost;
}

/** What the processes of an environment are doing. Its commits are what git finds in the folders that they were started in. */
export async function statusOf({ name, folder, git }: Asked, io: Io): Promise<EnvironmentStatus> {
  const record = await readEnvironment(folder);
  if (record === undefined) return { name, state: 'absent', commits: {}, addresses: {}, services: {} };
  const { commits: wanted, addresses, variables } = deploymentOf(record);
  const commits = await readCommits(git, record.checkouts ?? {}, io);
  const services: Record<string, string> = {};
  const failed = !record.ready && (await hasFailed(folder, record));
  for (const key of Object.keys(record.ports)) services[key] = await doing({ folder, record, failed }, key);
  const well = Object.values(services).every((what) => what === 'healthy');
  const begun = failed ? 'provisioning-failed' : 'provisioning';
  const state = record.ready ? (well ? 'ready' : 'sick') : begun;
  const deployed = record.ready ? { deployed: { commits: wanted, variables } } : {};
  return { name, state, commits, addresses, services, ...deployed };
}

interface Seen {
  readonly folder: string;
  readonly record: EnvironmentRecord;
  readonly failed: boolean;
}

async function doing({ folder, record, failed }: Seen, key: string): Promise<string> {
  const process = record.processes[key];
  if (process === undefined) return record.ready || failed ? 'missing' : 'starting';
  const health = record.services[key]?.health ?? '/';
  const problem = (await isAlive(process)) ? await healthProblem(healthUrl(record, { key, health })) : 'dead';
  if (problem === undefined) return 'healthy';
  const excess = await excessOf(folder, key);
  return excess === undefined ? problem : `ended: ${excess}`;
}

interface Inside {
  readonly record: EnvironmentRecord;
  readonly environment: Readonly<Record<string, string>>;
}

/** Runs a command line in a service's folder with the service's variables. What it started ends with it, or with the environment. */
export async function execIn({ record, environment }: Inside, request: ExecRequest, io: Io): Promise<CommandResult> {
  const { service, run, seconds } = request;
  const place = record.services[service];
  if (place === undefined) throw new ServiceUnknown(record.name, service, Object.keys(record.services));
  for (const name of request.within ?? []) await expectInside(place.directory, name);
  return runContained(
    {
      file: '/bin/sh',
      arguments: ['-c', run],
      cwd: place.directory,
      environment: {
        ...environment,
        ...deploymentOf(record).variables,
        PORT: String(record.ports[service]),
        HOST: '127.0.0.1',
      },
      seconds,
      marker: `${record.marker}.${randomUUID()}`,
    },
    io,
  );
}

/** Links are followed: where they lead is what would be read. Throws PathOutside. */
async function expectInside(directory: string, name: string): Promise<void> {
  const real = await realpath(path.resolve(directory, name)).catch(() => undefined);
  const way = real === undefined ? '' : path.relative(await realpath(directory), real);
  if (way === '..' || way.startsWith(`..${path.sep}`) || path.isAbsolute(way)) throw new PathOutside(name);
}
