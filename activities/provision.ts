import type { RunKey } from '../domain/ids.ts';
import { ownerOf } from '../domain/lease.ts';
import type { LeaseUse } from '../domain/lease.ts';
import type { PoolOrder } from '../domain/pool.ts';
import { baseCandidate } from './base-candidate.ts';
import { openCandidate } from './candidate.ts';
import type { Io } from './io.ts';
import { LeaseLost, underLease } from './lease.ts';
import type { Ports } from './ports.ts';
import { release } from './release.ts';

export interface ProvisionInput {
  readonly order: PoolOrder;
  readonly name: string;
  readonly owner: string;
  /** Names the worktrees that it is made from. */
  readonly key: RunKey;
  readonly lease: LeaseUse;
}

/** Makes an environment ahead of need, from the base branches, as far as the provider can without a candidate. False when its lease was lost meanwhile. */
export async function provision(ports: Ports, input: ProvisionInput, io: Io): Promise<boolean> {
  const { order, name, lease } = input;
  try {
    await underLease(ports, { lease, io }, (held) => make(ports, input, held));
    return true;
  } catch (error) {
    if (!(error instanceof LeaseLost)) throw error;
    await release(ports, { environment: order.environment, name, ofThisHost: true }, io);
    return false;
  }
}

async function make(ports: Ports, { order, name, owner, key }: ProvisionInput, io: Io): Promise<void> {
  const candidate = await baseCandidate(ports, { project: order, key, name }, io);
  const directories = await openCandidate(ports, candidate, io);
  const request = { name, owner: ownerOf(ports.leases.installation, owner), directories, commits: candidate.commits };
  await ports.environment(order.environment).provision(request, io);
}
