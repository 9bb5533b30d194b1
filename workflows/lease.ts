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
import { extendLease, hostQueue, leaseState, releaseLease, signOfLife } from './contract.ts';
import { longHistory } from './history.ts';

/** Holds one environment for as long as its users give signs of life; then, or when it is released, erases it until it is gone. */
export async function lease(order: LeaseOrder): Promise<Lease> {
  let held = order.held ?? granted(order);
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
      if (longHistory()) await goOn(order, held);
    }
    held = giveUp(held, `its users gave no sign for ${held.seconds} s`);
  } catch (error) {
    if (!isCancellation(error)) throw error;
    held = giveUp(held, 'cancelled');
  }
  await CancellationScope.nonCancellable(() => erase(order, held));
  return held;
}

function granted(order: LeaseOrder): Lease {
  try {
    return grant(order, Date.now());
  } catch (error) {
    throw ApplicationFailure.nonRetryable(error instanceof Error ? error.message : String(error), 'LeaseInvalid');
  }
}

/** Whatever the provider says, and for however long it is away. */
async function erase(order: LeaseOrder, held: Lease): Promise<void> {
  const { environment, name, worktrees } = order;
  for (;;) {
    try {
      const input = { environment, name, ...(worktrees === undefined ? {} : { worktrees }) };
      const places = isHostBound(environment.kind) && held.hosts.length > 0 ? held.hosts : [undefined];
      await Promise.all(
        places.map((host) => {
          const where = { ...teardownTime(environment), ...(host === undefined ? {} : { taskQueue: hostQueue(host) }) };
          const activityId = `release:${name}${host === undefined ? '' : `@${host}`}`;
          return settling.release.executeWithOptions({ activityId, summary: name, ...where }, [input]);
        }),
      );
      return;
    } catch (error) {
      if (!(error instanceof ActivityFailure)) throw error;
      await sleep('10 minutes');
      if (longHistory()) await goOn(order, held);
    }
  }
}

async function goOn(order: LeaseOrder, held: Lease): Promise<void> {
  await condition(allHandlersFinished);
  await continueAsNew<typeof lease>({ ...order, held });
}
