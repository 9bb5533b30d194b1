import {
  ActivityFailure,
  CancellationScope,
  ChildWorkflowCancellationType,
  ParentClosePolicy,
  allHandlersFinished,
  condition,
  continueAsNew,
  getExternalWorkflowHandle,
  isCancellation,
  setHandler,
  startChild,
  uuid4,
} from '@temporalio/workflow';
import { leaseIdOf } from '../domain/lease.ts';
import type { LeaseOrder } from '../domain/lease.ts';
import { add, emptyPool, failed, nextLook, ready, stale, take, wantsMore, without } from '../domain/pool.ts';
import type { Pool, PoolOrder, PoolPolicy } from '../domain/pool.ts';
import { gate } from './activities.ts';
import { LEASE, extendLease, poolState, releaseLease, requestPool } from './contract.ts';
import { longHistory } from './history.ts';
import type { lease as leaseWorkflow } from './lease.ts';

export interface PoolInput {
  readonly order: PoolOrder;
  /** Carried by continue-as-new. */
  readonly pool?: Pool;
}

/** Keeps environments of one project provisioned ahead of need. Ends when nobody has asked for one for as long as one may wait. */
export async function pool(input: PoolInput): Promise<void> {
  let { order } = input;
  let warm = input.pool ?? emptyPool(Date.now());
  let provisioning = 0;
  let broken: unknown;
  const at = (): { policy: PoolPolicy; now: number } => ({ policy: order.leases, now: Date.now() });
  const letGo = async (name: string): Promise<void> => {
    await tellLease(order.key, name, (handle) => handle.signal(releaseLease));
  };
  // The lease of one that is being provisioned is given up by whoever does that, when it is over.
  const drop = async (members: Pool['members']): Promise<void> => {
    for (const { name } of members) warm = without(warm, name);
    for (const { name, state } of members) if (state === 'ready') await letGo(name);
  };
  setHandler(poolState, () => warm, { description: 'The environments that wait, and who got which' });
  setHandler(
    requestPool,
    async (request) => {
      if (request.order.hash !== order.hash) {
        // What was provisioned by other settings is of no use to this run.
        order = request.order;
        await drop(warm.members);
      }
      warm = { ...warm, askedAt: Date.now() };
      if (request.take === undefined) return null;
      for (;;) {
        const { key, owner } = request.take;
        const taken = take(warm, key, at());
        warm = taken.pool;
        if (taken.name === null) return null;
        const extension = { owner, seconds: order.leases.seconds };
        if (await tellLease(order.key, taken.name, (handle) => handle.signal(extendLease, extension)))
          return taken.name;
        warm = { ...warm, taken: warm.taken.filter(([who]) => who !== key) };
      }
    },
    { description: 'Takes one, or asks the pool to be ready' },
  );
  const refill = async (): Promise<void> => {
    const name = `warm-${order.key}-${warm.made + 1}-${uuid4().slice(0, 4)}`;
    warm = add(warm, name, Date.now());
    provisioning += 1;
    try {
      const made = await provision(order, name);
      const wanted = warm.members.some((one) => one.name === name);
      if (!made || !wanted) await letGo(name);
      if (wanted) warm = made ? ready(warm, name, Date.now()) : failed(warm, name, Date.now());
    } catch (error) {
      warm = without(warm, name);
      await CancellationScope.nonCancellable(() => letGo(name));
      if (!isCancellation(error)) broken = error;
    } finally {
      provisioning -= 1;
    }
  };

  try {
    for (;;) {
      if (broken !== undefined) throw broken;
      await drop(stale(warm, at()));
      while (wantsMore(warm, at())) void refill();
      const look = nextLook(warm, at());
      if (look === undefined && provisioning === 0) break;
      const [before, busy] = [warm, provisioning];
      const changed = (): boolean => warm !== before || provisioning !== busy || (longHistory() && provisioning === 0);
      if (look === undefined) await condition(changed);
      else await condition(changed, Math.max(1, look - Date.now()));
      if (longHistory() && provisioning === 0) {
        await condition(allHandlersFinished);
        await continueAsNew<typeof pool>({ order, pool: warm });
      }
    }
  } catch (error) {
    if (!isCancellation(error)) throw error;
    await CancellationScope.nonCancellable(async () => {
      await condition(() => provisioning === 0);
      await drop(warm.members);
    });
    throw error;
  }
  await condition(allHandlersFinished);
}

/** Provisions one under a lease of its own. False when that failed. */
async function provision(order: PoolOrder, name: string): Promise<boolean> {
  const { key: project, environment, leases } = order;
  const owner = `${project}/~pool`;
  const worktrees = { workflowId: `${project}/~pool/${name}`, firstRunId: name };
  const seconds = leases.maxAgeSeconds + leases.seconds;
  const lease: LeaseOrder = { project, environment, name, owner, seconds, worktrees };
  await startChild<typeof leaseWorkflow>(LEASE, {
    workflowId: leaseIdOf(project, name),
    parentClosePolicy: ParentClosePolicy.ABANDON,
    cancellationType: ChildWorkflowCancellationType.ABANDON,
    staticSummary: name,
    args: [lease],
  });
  try {
    return await gate.provision.executeWithOptions({ activityId: `provision:${name}`, summary: name }, [
      { order, name, owner, key: worktrees, lease: { id: leaseIdOf(project, name), seconds: leases.seconds } },
    ]);
  } catch (error) {
    if (!(error instanceof ActivityFailure) || isCancellation(error)) throw error;
    return false;
  }
}

type Handle = ReturnType<typeof getExternalWorkflowHandle>;

/** False when there is no such lease any more. */
async function tellLease(project: string, name: string, what: (handle: Handle) => Promise<void>): Promise<boolean> {
  try {
    await what(getExternalWorkflowHandle(leaseIdOf(project, name)));
    return true;
  } catch (error) {
    if (isCancellation(error)) throw error;
    return false;
  }
}
