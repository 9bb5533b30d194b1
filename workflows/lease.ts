import {
  ActivityFailure,
  ApplicationFailure,
  CancellationScope,
  allHandlersFinished,
  condition,
  continueAsNew,
  isCancellation,
  setHandler,
  sleep,
} from '@temporalio/workflow';
import { isHostBound } from '../domain/environment.ts';
import { extend, giveUp, grant, mayRelease } from '../domain/lease.ts';
import type { Extension, Lease, LeaseOrder } from '../domain/lease.ts';
import { settling, teardownTime } from './activities.ts';
import {
  extendLease,
  hostQueue,
  leaseSettings,
  leaseState,
  releaseLease,
  reorderLease,
  signOfLife,
} from './contract.ts';
import { longHistory } from './history.ts';

/** Holds one environment for as long as its users give signs of life; then, or when it is released, erases it until it is gone. */
export async function lease(given: LeaseOrder): Promise<Lease> {
  let held = given.held ?? granted(given);
  const standing: Standing = { order: given, at: new CancellationScope() };
  takeSettings(standing);
  setHandler(leaseState, () => held, { description: 'Who holds the environment, and until when' });
  setHandler(
    extendLease,
    (extension) => {
      held = extend(held, extension, Date.now());
    },
    { description: 'The same as the update, fire and forget' },
  );
  setHandler(
    signOfLife,
    (extension) => {
      held = extend(held, extension, Date.now());
    },
    {
      validator: (_extension: Extension) => {
        if (held.stage !== 'held') throw new Error(`the environment is being erased: ${held.why}`);
      },
      description: 'A sign of life of a user: {"seconds": 1800}; with {"owner": "…"} it is handed over',
    },
  );
  setHandler(
    releaseLease,
    (owner) => {
      if (mayRelease(held, owner)) held = giveUp(held, 'released');
    },
    { description: 'The environment is not needed any more' },
  );
  try {
    while (held.stage === 'held' && Date.now() < held.until) {
      await condition(() => held.stage === 'erasing' || longHistory(), held.until - Date.now());
      if (longHistory()) await goOn(standing.order, held);
    }
    held = giveUp(held, `its users gave no sign for ${held.seconds} s`);
  } catch (error) {
    if (!isCancellation(error)) throw error;
    held = giveUp(held, 'cancelled');
  }
  await CancellationScope.nonCancellable(() => erase(standing, held));
  return held;
}

function granted(order: LeaseOrder): Lease {
  try {
    return grant(order, Date.now());
  } catch (error) {
    throw ApplicationFailure.nonRetryable(error instanceof Error ? error.message : String(error), 'LeaseInvalid');
  }
}

/** What is erased by which settings; `at` is what is at work with them. */
interface Standing {
  order: LeaseOrder;
  at: CancellationScope;
}

function takeSettings(standing: Standing): void {
  setHandler(leaseSettings, () => standing.order.environment, { description: 'The settings it erases by' });
  setHandler(
    reorderLease,
    (environment) => {
      if (environment?.kind !== standing.order.environment.kind) return;
      standing.order = { ...standing.order, environment };
      standing.at.cancel();
    },
    { description: 'Mended settings of the same provider; erasing begins again with them' },
  );
}

/** Whatever the provider says, and for however long it is away. */
async function erase(standing: Standing, held: Lease): Promise<void> {
  for (;;) {
    standing.at = new CancellationScope();
    const { order, at } = standing;
    try {
      return await at.run(() => eraseOnce(order, held));
    } catch (error) {
      if (!at.consideredCancelled && !(error instanceof ActivityFailure)) throw error;
    }
    if (at.consideredCancelled) continue;
    await at.run(() => sleep('10 minutes')).catch(ignoreCancellation);
    if (longHistory()) await goOn(standing.order, held);
  }
}

async function eraseOnce({ environment, name, worktrees }: LeaseOrder, { hosts }: Lease): Promise<void> {
  const input = { environment, name, ...(worktrees === undefined ? {} : { worktrees }) };
  const places = isHostBound(environment.kind) && hosts.length > 0 ? hosts : [undefined];
  await Promise.all(
    places.map((host) => {
      const where = { ...teardownTime(environment), ...(host === undefined ? {} : { taskQueue: hostQueue(host) }) };
      const activityId = `release:${name}${host === undefined ? '' : `@${host}`}`;
      // Two at the same time would be in each other's way.
      const wait = { cancellationType: 'WAIT_CANCELLATION_COMPLETED' as const };
      return settling.release.executeWithOptions({ activityId, summary: name, ...wait, ...where }, [input]);
    }),
  );
}

function ignoreCancellation(error: unknown): void {
  if (!isCancellation(error)) throw error;
}

async function goOn(order: LeaseOrder, held: Lease): Promise<void> {
  await condition(allHandlersFinished);
  await continueAsNew<typeof lease>({ ...order, held });
}
