import type { LeaseUse } from '../domain/lease.ts';
import type { PoolRequest } from '../domain/pool.ts';
import { EnvironmentFault } from './environments/errors.ts';
import type { Io } from './io.ts';
import type { Ports } from './ports.ts';

/** The leases of this installation, as their users and the sweep see them. */
export interface Leases {
  /** Tells installations apart that share a cluster or an engine. */
  readonly installation: string;
  /** A sign of life. False when there is no such lease any more. */
  extend(id: string): Promise<boolean>;
  isHeld(id: string): Promise<boolean>;
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
  stop(): void;
}

/** Gives signs of life, three in the time that the lease may be silent, until it is stopped. Throws LeaseLost when the lease is gone already. */
export async function keepAlive({ leases }: Pick<Ports, 'leases'>, { id, seconds }: LeaseUse): Promise<KeptAlive> {
  if (!(await leases.extend(id))) throw new LeaseLost(id);
  const lost = new AbortController();
  // A server that is away for a moment is no lost lease.
  const beat = async (): Promise<void> => {
    const there = await leases.extend(id).catch(() => true);
    if (!there) lost.abort(new LeaseLost(id));
  };
  const timer = setInterval(() => void beat(), (seconds * 1000) / 3);
  return { lost: lost.signal, stop: () => clearInterval(timer) };
}

/** Works with an environment and keeps its lease alive meanwhile. Throws LeaseLost, and gives the work up, when it is lost. */
export async function underLease<T>(
  ports: Pick<Ports, 'leases'>,
  { lease, io }: { readonly lease: LeaseUse | undefined; readonly io: Io },
  work: (io: Io) => Promise<T>,
): Promise<T> {
  if (lease === undefined) return work(io);
  const { lost, stop } = await keepAlive(ports, lease);
  try {
    const result = await work({ ...io, signal: AbortSignal.any([io.signal, lost]) });
    lost.throwIfAborted();
    return result;
  } catch (error) {
    if (!io.signal.aborted) lost.throwIfAborted();
    throw error;
  } finally {
    stop();
  }
}
