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
import { extend, giveUp, grant } from '../domain/lease.ts';
import type { Lease, LeaseOrder } from '../domain/lease.ts';
import { settling } from './activities.ts';
import { extendLease, leaseState, releaseLease } from './contract.ts';
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
    { description: 'A sign of life of a user: {"seconds": 1800}; with {"owner": "…"} it is handed over' },
  );
  setHandler(
    releaseLease,
    () => {
      held = giveUp(held, 'released');
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
      await settling.release.executeWithOptions({ activityId: `release:${name}`, summary: name }, [input]);
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
