import type { Project } from './project.ts';

/** What a pool has to know of its project. */
export type PoolOrder = Pick<
  Project,
  'key' | 'hash' | 'repositories' | 'limits' | 'forge' | 'state' | 'environment' | 'leases'
>;

export function poolOrderOf(project: Project): PoolOrder {
  const { key, hash, repositories, limits, forge, state, environment, leases } = project;
  return { key, hash, repositories, limits, forge, ...(state === undefined ? {} : { state }), environment, leases };
}

/** Asks for a member; without `take` the pool is only told to be ready. */
export interface PoolRequest {
  readonly order: PoolOrder;
  readonly take?: { readonly key: string; readonly owner: string };
}

/** An environment that is provisioned ahead of need. `since` in milliseconds since the epoch. */
export interface Member {
  readonly name: string;
  readonly state: 'provisioning' | 'ready';
  readonly since: number;
}

/** The environments that wait for runs of one project. */
export interface Pool {
  readonly members: readonly Member[];
  /** Which run got which: asked twice, it gets the same. Newest last. */
  readonly taken: readonly (readonly [key: string, name: string])[];
  /** When somebody last asked for one. */
  readonly askedAt: number;
  /** How many were ever made: part of their names. */
  readonly made: number;
  /** Provisioning failed so often running. */
  readonly failures: number;
  /** Nothing is provisioned before this time. */
  readonly notBefore: number;
}

export interface PoolPolicy {
  readonly minReady: number;
  readonly maxAgeSeconds: number;
}

const MOST_REMEMBERED = 100;
const FIRST_PAUSE_MS = 30_000;
const LONGEST_PAUSE_MS = 30 * 60_000;

export function emptyPool(now: number): Pool {
  return { members: [], taken: [], askedAt: now, made: 0, failures: 0, notBefore: 0 };
}

/** Hands the oldest ready member out that is not too old; nothing where there is none. */
export function take(
  pool: Pool,
  key: string,
  at: { policy: PoolPolicy; now: number },
): { pool: Pool; name: string | null } {
  const again = pool.taken.find(([who]) => who === key);
  if (again !== undefined) return { pool, name: again[1] };
  const asked = { ...pool, askedAt: at.now };
  const member = pool.members.find((one) => one.state === 'ready' && !isStale(one, at));
  if (member === undefined) return { pool: asked, name: null };
  const taken = [...pool.taken, [key, member.name] as const].slice(-MOST_REMEMBERED);
  return { pool: { ...without(asked, member.name), taken }, name: member.name };
}

/** Members that have waited too long. */
export function stale({ members }: Pool, at: { policy: PoolPolicy; now: number }): Pool['members'] {
  return members.filter((one) => isStale(one, at));
}

function isStale({ state, since }: Member, { policy, now }: { policy: PoolPolicy; now: number }): boolean {
  return state === 'ready' && now - since >= policy.maxAgeSeconds * 1000;
}

/** Whether one more is to be provisioned. Nothing is while nobody has asked for as long as a member may wait. */
export function wantsMore(pool: Pool, { policy, now }: { policy: PoolPolicy; now: number }): boolean {
  if (now < pool.notBefore || now - pool.askedAt >= policy.maxAgeSeconds * 1000) return false;
  return pool.members.length < policy.minReady;
}

/** When the pool has to look again, in milliseconds since the epoch; nothing when it is empty and nobody asks for more. */
export function nextLook(pool: Pool, { policy, now }: { policy: PoolPolicy; now: number }): number | undefined {
  const age = policy.maxAgeSeconds * 1000;
  const times = pool.members.filter(({ state }) => state === 'ready').map(({ since }) => since + age);
  if (pool.members.length < policy.minReady && now - pool.askedAt < age) times.push(Math.max(now, pool.notBefore));
  return times.length === 0 ? undefined : Math.min(...times);
}

export function add(pool: Pool, name: string, now: number): Pool {
  return { ...pool, made: pool.made + 1, members: [...pool.members, { name, state: 'provisioning', since: now }] };
}

export function ready(pool: Pool, name: string, now: number): Pool {
  const members = pool.members.map((one) =>
    one.name === name ? { ...one, state: 'ready' as const, since: now } : one,
  );
  return { ...pool, members, failures: 0 };
}

/** One that could not be provisioned: the next is tried after a pause that doubles. */
export function failed(pool: Pool, name: string, now: number): Pool {
  const pause = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** pool.failures);
  return { ...without(pool, name), failures: pool.failures + 1, notBefore: now + pause };
}

export function without(pool: Pool, name: string): Pool {
  return { ...pool, members: pool.members.filter((one) => one.name !== name) };
}
