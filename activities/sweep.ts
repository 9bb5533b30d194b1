import { isHostBound } from '../domain/environment.ts';
import type { EnvironmentChoice } from '../domain/environment.ts';
import { isOwnedBy, leaseIdOf } from '../domain/lease.ts';
import type { EnvironmentEntry } from './environments/index.ts';
import type { Io } from './io.ts';
import type { Ports } from './ports.ts';

export interface SurveyInput {
  readonly project: string;
  readonly environment: EnvironmentChoice;
}

export interface Survey {
  /** Where it was looked. */
  readonly host: string;
  /** Names of our environments that no lease holds. */
  readonly leaked: readonly string[];
  readonly own: number;
  readonly foreign: number;
  /** Where environments live on hosts: those that are known, this one or not. */
  readonly hosts?: readonly string[];
  /** Why this host could not be looked at; there may be others. */
  readonly problem?: string;
}

/** Which environments the provider has that bear this project's mark and no lease holds. Others' are counted, nothing more. */
export async function survey(ports: Ports, { project, environment }: SurveyInput, io: Io): Promise<Survey> {
  const { installation } = ports.leases;
  const bound = isHostBound(environment.kind);
  const entries = await listed(ports, environment, io);
  const there = { host: ports.host(), ...(bound ? { hosts: await ports.leases.hosts() } : {}) };
  if (typeof entries === 'string') return { ...there, leaked: [], own: 0, foreign: 0, problem: entries };
  const own = entries.filter(({ owner }) => isOwnedBy(owner, { installation, project }));
  const leaked: string[] = [];
  for (const { name } of own) if (!(await ports.leases.isHeld(leaseIdOf(project, name)))) leaked.push(name);
  return { ...there, leaked, own: own.length, foreign: entries.length - own.length };
}

/** What the provider has. Where one host has no access to what lives on it, that is said: the others are looked at all the same. */
async function listed(
  ports: Ports,
  environment: EnvironmentChoice,
  io: Io,
): Promise<readonly EnvironmentEntry[] | string> {
  try {
    return await ports.environment(environment).list(io);
  } catch (error) {
    if (!isHostBound(environment.kind) || io.signal.aborted || !(error instanceof Error)) throw error;
    return error.message;
  }
}
