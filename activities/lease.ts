import type { Extension, LeaseUse } from '../domain/lease.ts';
import type { PoolRequest } from '../domain/pool.ts';
import { EnvironmentFault } from './environments/errors.ts';
import type { Io } from './io.ts';
import type { Ports } from './ports.ts';

/** The leases of this installation, as their users and the sweep see them. */
export interface Leases {
  /** Tells installations apart that share a cluster or an engine. */
  readonly installation: string;
  /** A sign of life. False when the lease has ended, or is being erased. */
  extend(id: string, extension: Extension): Promise<boolean>;
  /** True also while it is being erased: somebody sees to it. */
  isHeld(id: string): Promise<boolean>;
  /** The hosts whose workers have given a sign lately. */
  hosts(): Promise<readonly string[]>;
  /** Starts the project's pool where there is none. */
  requestPool(request: PoolRequest): Promise<string | null>;
}

/** The lease ran out, or was given up, under the hands of a user. */
export class LeaseLost extends EnvironmentFault {
  override readonly name = 'LeaseLost';
  constructor(id: string) {
    super('provider', `the lease ${id} has ended: nobody had given a sign of life in its time, or it was released`);
  }
}

export interface KeptAlive {
  /** Aborts with a LeaseLost when the lease is gone. */
  readonly lost: AbortSignal;
  /** Asks now. A server that is away for a moment is no lost lease. */
  isLost(): Promise<boolean>;
  stop(): void;
}

/**
 * Gives signs of life, three in the time that the lease may be silent, until it is stopped. `host` is where something of the
 * environment may be left. Throws LeaseLost when the lease is gone already.
 */
export async function keepAlive(
  { leases }: Pick<Ports, 'leases'>,
  { id, seconds }: LeaseUse,
  host?: string,
): Promise<KeptAlive> {
  const sign = (): Promise<boolean> => leases.extend(id, { seconds, ...(host === undefined ? {} : { host }) });
  if (!(await sign())) throw new LeaseLost(id);
  const lost = new AbortController();
  const isLost = async (): Promise<boolean> => {
    if (!lost.signal.aborted && !(await sign().catch(() => true))) lost.abort(new LeaseLost(id));
    return lost.signal.aborted;
  };
  const timer = setInterval(() => void isLost(), (seconds * 1000) / 3);
  return { lost: lost.signal, isLost, stop: () => clearInterval(timer) };
}

/**
 * Works with an environment and keeps its lease alive meanwhile. Throws LeaseLost, and gives the work up, when it is lost: what
 * the work has shown by then may be the erasing.
 */
export async function underLease<T>(
  ports: Pick<Ports, 'leases' | 'host'>,
  { lease, io }: { readonly lease: LeaseUse | undefined; readonly io: Io },
  work: (io: Io) => Promise<T>,
): Promise<T> {
  if (lease === undefined) return work(io);
  const { lost, isLost, stop } = await keepAlive(ports, lease, ports.host());
  try {
    const result = await work({ ...io, signal: AbortSignal.any([io.signal, lost]) });
    if (await isLost()) throw new LeaseLost(lease.id);
    return result;
  } catch (error) {
    if (!io.signal.aborted && (await isLost())) throw new LeaseLost(lease.id);
    throw error;
  } finally {
    stop();
  }
}
