import { isSamePlace } from '../domain/environment.ts';
import type { EnvironmentChoice } from '../domain/environment.ts';
import { PEOPLE, leaseIdOf } from '../domain/lease.ts';
import type { Lease } from '../domain/lease.ts';
import type { Project } from '../domain/project.ts';
import type { ByHand } from '../worker/by-hand.ts';
import type { Session } from './connect.ts';
import { UsageError } from './errors.ts';
import { ensureSweep, giveUp, holdByHand, readLease, readSettings, reorder } from './leases.ts';

/** How long an environment that is given up may take to be gone. */
const ERASE_SECONDS = 120;

interface HoldOrder {
  /** Of the server that holds the leases, where one is reached. */
  readonly session: Session | undefined;
  readonly project: Project;
  readonly hand: Pick<ByHand, 'worktreesOf' | 'host'>;
  readonly name: string;
  /** Seconds. */
  readonly ttl: number;
}

/** Holds the environment for a person. Throws UsageError when it is somebody else's. */
export async function hold({ session, project, hand, name, ttl }: HoldOrder): Promise<void> {
  if (session === undefined) throw new UsageError('no Temporal server is running: start one with `spec-to-pr up`');
  const owner = `${project.key}/by-hand/${name}`;
  let lease = await readLease(session, project.key, name);
  if (lease?.stage === 'erasing') {
    await giveUp(session, leaseIdOf(project.key, name), ERASE_SECONDS);
    lease = await readLease(session, project.key, name);
    if (lease !== undefined)
      throw new UsageError(`${name} is still being erased: try again later, or use another name`);
  }
  if (lease !== undefined && lease.owner !== owner && lease.owner !== PEOPLE)
    throw new UsageError(`${name} belongs to ${lease.owner}: use another name`);
  if (lease !== undefined) await mendSettings(session, project, name);
  const order = { project: project.key, environment: project.environment, name, owner, seconds: ttl };
  await holdByHand(session, { ...order, worktrees: hand.worktreesOf(name) }, hand.host);
  if ((await readLease(session, project.key, name))?.stage !== 'held')
    throw new UsageError(`the lease of ${name} has just ended: call again`);
  await ensureSweep(session, project);
}

/** Settings that changed reach the lease. Throws UsageError where they lead elsewhere, since nobody would erase the old one. */
async function mendSettings(session: Session, { key, environment }: Project, name: string): Promise<void> {
  const id = leaseIdOf(key, name);
  const known = await readSettings(session, id);
  if (known === undefined || JSON.stringify(known) === JSON.stringify(environment)) return;
  if (!isSamePlace(known, environment))
    throw new UsageError(
      `${name} was made by other settings (${known.kind}): use another name, or take it away first by: spec-to-pr env destroy ${name}`,
    );
  await reorder(session, id, environment);
}

/**
 * Gives the lease up, mended by the settings as they are now; waits until it has erased what it held. Tells what is
 * still held after that: nothing where there is no lease, no server or no worker.
 */
export async function letGo(
  session: Session | undefined,
  { key, environment }: Project,
  name: string,
): Promise<EnvironmentChoice | undefined> {
  if (session === undefined) return undefined;
  const id = leaseIdOf(key, name);
  const settings = (): Promise<EnvironmentChoice | undefined> => readSettings(session, id).catch(() => undefined);
  const known = await settings();
  if (known !== undefined && isSamePlace(known, environment)) await reorder(session, id, environment);
  return (await giveUp(session, id, ERASE_SECONDS)) ? undefined : settings();
}

/** What is known of the lease: nothing without a server or a worker. */
export async function leaseOf(
  session: Session | undefined,
  { key }: Project,
  name: string,
): Promise<Lease | undefined> {
  return session === undefined ? undefined : readLease(session, key, name).catch(() => undefined);
}

/** A lease in a few words. */
export function leaseLine(lease: Lease | undefined): string {
  if (lease === undefined) return 'none';
  if (lease.stage === 'held') return `until ${new Date(lease.until).toISOString()}`;
  return `being erased: ${lease.why}${lease.problem === undefined ? '' : `; tried again after: ${lease.problem}`}`;
}
