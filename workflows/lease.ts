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
import { insisting, settling, teardownTime } from './activities.ts';
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
  const standing: Standing = {
    ...{ order: given, at: new CancellationScope(), held: () => held },
    failed: (problem) => {
      held = { ...held, problem };
    },
  };
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
  await CancellationScope.nonCancellable(() => erase(standing));
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
  held(): Lease;
  /** Notes why a try has failed. */
  failed(problem: string): void;
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
async function erase(standing: Standing): Promise<void> {
  for (;;) {
    standing.at = new CancellationScope();
    const { at } = standing;
    if (await at.run(() => isErased(standing))) return;
    if (at.consideredCancelled) continue;
    await at.run(() => sleep('10 minutes')).catch(ignoreCancellation);
    if (longHistory()) await goOn(standing.order, standing.held());
  }
}

/** One try. False when it failed, or other settings have come meanwhile. */
async function isErased({ order, held, failed }: Standing): Promise<boolean> {
  for (const round of roundsOf(order, held())) {
    try {
      await eraseIn(order, round);
      return true;
    } catch (error) {
      if (isCancellation(error)) return false;
      if (!(error instanceof ActivityFailure)) throw error;
      const cause = error.cause instanceof ApplicationFailure ? error.cause : undefined;
      failed(cause?.message ?? error.message);
      if (cause?.type !== 'EngineMissing') return false;
    }
  }
  return false;
}

interface Round {
  /** Each erases its own part; any host the whole, where there is none. */
  readonly hosts: Lease['hosts'];
  /** Nobody has worked on it, so that nothing is there but what a host knows of itself. */
  readonly untouched: boolean;
  /** A host without the provider's program is asked again, and any other. */
  readonly insists: boolean;
}

/** Who is asked, until one has the provider's program: those that have worked on it know at least whether they have made anything. */
function roundsOf({ environment }: LeaseOrder, { hosts }: Lease): readonly Round[] {
  const untouched = hosts.length === 0;
  const first = isHostBound(environment.kind) ? hosts : [];
  const rest = first.length === 0 && !untouched ? [{ hosts, untouched, insists: false }] : [];
  return [{ hosts: first, untouched, insists: false }, ...rest, { hosts: first, untouched, insists: true }];
}

async function eraseIn(
  { environment, name, worktrees }: LeaseOrder,
  { hosts, untouched, insists }: Round,
): Promise<void> {
  const input = { environment, name, ...(worktrees === undefined ? {} : { worktrees }) };
  const places = hosts.length > 0 ? hosts : [undefined];
  const pickUp = isHostBound(environment.kind) ? {} : { scheduleToStartTimeout: '10 minutes' as const };
  const { release } = insists ? insisting : settling;
  await Promise.all(
    places.map((host) => {
      const where = host === undefined ? {} : { taskQueue: hostQueue(host), ...pickUp };
      const activityId = `release:${name}${host === undefined ? '' : `@${host}`}`;
      // Two at the same time would be in each other's way.
      const wait = { cancellationType: 'WAIT_CANCELLATION_COMPLETED' as const };
      const options = { activityId, summary: name, ...wait, ...teardownTime(environment), ...where };
      return release.executeWithOptions(options, [{ ...input, ofThisHost: host !== undefined || untouched }]);
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
