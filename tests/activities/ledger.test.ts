import { expect, test } from '@jest/globals';
import { FaultAfterSession, Interruption } from '../../activities/io.ts';
import { withFunds } from '../../activities/ledger.ts';
import type { SessionFunds, Ledger } from '../../activities/ledger.ts';
import type { SettleOrder } from '../../domain/ledger.ts';
import type { Outcome } from '../../domain/outcome.ts';
import { implementation, plannedRun } from '../support/run.ts';

const run = plannedRun({ limits: { usd: 9, project: { usd: 5, per: 'day' } } });
const COST = { usd: 1.5, tokens: 10 };
const GRANTED = { usd: 4, tokens: 100 };

/** What is settled, and what comes of the work. */
async function booked(
  work: (funds: SessionFunds) => Promise<Outcome>,
  settling?: Error,
): Promise<{ settled: readonly SettleOrder['spent'][]; outcome?: Outcome; error?: unknown }> {
  const settled: SettleOrder['spent'][] = [];
  const ledger: Ledger = {
    reserve: async () => ({ kind: 'granted', granted: GRANTED }),
    settle: async (_, { spent }) => {
      if (settling !== undefined) throw settling;
      settled.push(spent);
    },
  };
  try {
    return { settled, outcome: await withFunds({ ledger }, { run, name: 'implement-1' }, work) };
  } catch (error) {
    return { settled, error };
  }
}

test.each<[string, object, object]>([
  ['whose cost is known', COST, COST],
  ['without a price', { ...COST, unpriced: true }, { tokens: 10 }],
  ['that told nothing', { usd: 0, tokens: 0, untold: true }, {}],
])('what fails after the end of a session %s settles it and carries its cost', async (_, more, settled) => {
  const spent = { ...COST, ...more };
  const cause = new Error('no space left on device');
  const told = await booked(async ({ ended }) => {
    ended(spent);
    throw cause;
  });
  expect(told).toEqual({ settled: [settled], error: expect.any(FaultAfterSession) });
  expect(told.error).toMatchObject({ message: cause.message, cause, spent });
});

test('what fails before the end of a session stays as it is and settles nothing', async () => {
  const error = new Error('no worktree');
  const told = await booked(() => Promise.reject(error));
  expect([told.settled, told.error === error]).toEqual([[], true]);
});

test('a session that is stopped counts with all of its reservation, one that is let go on with nothing yet', async () => {
  const stopped = await booked(() => Promise.reject(new Interruption('stop')));
  const detached = await booked(() => Promise.reject(new Interruption('detach')));
  expect([stopped.settled, detached.settled]).toEqual([[{ tokens: GRANTED.tokens }], []]);
});

test('a ledger that cannot be told is a fault that carries the cost of the session', async () => {
  const told = await booked(async () => implementation(COST), new Error('unavailable'));
  expect(told.error).toMatchObject({ name: 'FaultAfterSession', message: 'unavailable', spent: COST });
});

test('without a budget of the project the cost is carried all the same', async () => {
  const ledger: Ledger = {
    reserve: () => Promise.reject(new Error('nobody asks')),
    settle: () => Promise.reject(new Error('nobody tells')),
  };
  const work = async ({ ended }: SessionFunds): Promise<Outcome> => {
    ended(COST);
    throw new Error('commit failed');
  };
  await expect(withFunds({ ledger }, { run: plannedRun(), name: 'implement-1' }, work)).rejects.toMatchObject({
    message: 'commit failed',
    spent: COST,
  });
});
