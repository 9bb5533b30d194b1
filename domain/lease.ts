import type { EnvironmentChoice } from './environment.ts';
import type { RunKey } from './ids.ts';

export const SWEEPS = ['off', 'report', 'erase'] as const;

/** How environments are held and given up. Times in seconds. */
export interface LeasePolicy {
  /** An environment whose users give no sign for so long is erased. */
  readonly seconds: number;
  /** How long the environment of a failed candidate is kept for people while their answer is awaited; 0 releases it. */
  readonly escalatedSeconds: number;
  /** What becomes of environments that no lease holds. */
  readonly sweep: (typeof SWEEPS)[number];
  readonly sweepSeconds: number;
  /** Environments that are kept provisioned ahead of need. */
  readonly minReady: number;
  /** One that has waited for longer is not handed out. */
  readonly maxAgeSeconds: number;
}

export const DEFAULT_LEASES: LeasePolicy = {
  seconds: 1800,
  escalatedSeconds: 0,
  sweep: 'report',
  sweepSeconds: 3600,
  minReady: 0,
  maxAgeSeconds: 4 * 3600,
};

/** The lease that an activity works under, and the time it may be silent. */
export interface LeaseUse {
  readonly id: string;
  readonly seconds: number;
}

/** What a lease is on. `seconds` above 0. */
export interface LeaseOrder {
  readonly project: string;
  readonly environment: EnvironmentChoice;
  readonly name: string;
  readonly owner: string;
  readonly seconds: number;
  /** Worktrees that were made for the environment alone, and go with it. */
  readonly worktrees?: RunKey;
  /** Carried by continue-as-new. */
  readonly held?: Lease;
}

/** A lease as it stands. `until` in milliseconds since the epoch: then it runs out, unless somebody gives a sign. */
export interface Lease {
  readonly name: string;
  readonly owner: string;
  readonly seconds: number;
  readonly until: number;
  /** Where it was worked on: there it may have left something. */
  readonly hosts: readonly string[];
  readonly stage: 'held' | 'erasing';
  /** Why it ended; empty while it is held. */
  readonly why: string;
  /** Why the last try to erase it failed; it is tried again. */
  readonly problem?: string;
}

/** A sign of a user: whoever comes with an owner takes it over, with a new time. */
export interface Extension {
  /** The host of whoever gives the sign. */
  readonly host?: string;
  readonly owner?: string;
  readonly seconds?: number;
}

/** Owner of an environment that is kept for whoever answers. */
export const PEOPLE = 'people';

/** Id of the workflow that holds an environment: no work id has it. */
export function leaseIdOf(project: string, name: string): string {
  return `${project}~environment/${name}`;
}

export function poolIdOf(project: string): string {
  return `${project}~pool`;
}

export function sweepIdOf(project: string): string {
  return `${project}~sweep`;
}

/** What a provider notes with an environment. `installation` tells servers apart that share a cluster or an engine. */
export function ownerOf(installation: string, workflowId: string): string {
  return `${installation}/${workflowId}`;
}

/** True for environments that runs, the pool, or people made in this project by this installation. */
export function isOwnedBy(
  owner: string,
  { installation, project }: { installation: string; project: string },
): boolean {
  return owner.startsWith(`${installation}/${project}/`);
}

/** A new lease. Throws RangeError for one that would never run out, or at once. */
export function grant({ name, owner, seconds }: LeaseOrder, now: number): Lease {
  if (!(seconds > 0) || !Number.isFinite(seconds)) throw new RangeError(`a lease needs a time above 0, not ${seconds}`);
  return { name, owner, seconds, until: now + seconds * 1000, hosts: [], stage: 'held', why: '' };
}

/** The lease after a sign of life, which may come from anywhere. A user's sign never shortens it; a new owner's time counts from now. */
export function extend(before: Lease, extension: Extension | null | undefined, now: number): Lease {
  const { owner, host, seconds = before.seconds } = extension ?? {};
  if (before.stage !== 'held' || !(seconds > 0) || !Number.isFinite(seconds)) return before;
  const known = typeof host !== 'string' || host === '' || before.hosts.includes(host);
  const lease = known ? before : { ...before, hosts: [...before.hosts, host] };
  const until = now + seconds * 1000;
  if (typeof owner !== 'string') return { ...lease, until: Math.max(lease.until, until) };
  return { ...lease, owner, seconds, until };
}

/** Who gives an environment to people, or takes it back from them, is the same; another owner has taken it over for good. */
export function mayRelease({ owner }: Lease, by: unknown): boolean {
  return typeof by !== 'string' || owner === by || owner === PEOPLE;
}

/** The first reason counts. */
export function giveUp(lease: Lease, why: string): Lease {
  return lease.stage === 'erasing' ? lease : { ...lease, stage: 'erasing', why };
}
