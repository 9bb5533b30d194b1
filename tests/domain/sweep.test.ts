import { expect, test } from '@jest/globals';
import { leakNotification } from '../../domain/sweep.ts';
import type { Leak, SweepOrder } from '../../domain/sweep.ts';

const HOUR = 3_600_000;
const order: SweepOrder = {
  ...{ project: 'shop', environment: { kind: 'process' }, erase: false, graceSeconds: 60 },
  ...{ notifiers: [], repositories: ['https://git.example/api.git'] },
};
const here: Leak = { name: 'run-1', host: 'near-1' };
const there: Leak = { name: 'run-1', host: 'far-2' };
const other: Leak = { name: 'run-2', host: 'near-1' };

function keyOf(leaked: readonly Leak[], at: number, project = 'shop'): string {
  return leakNotification({ ...order, project }, { leaked, unseen: [], at }).key;
}

test('the same leaks have one key in every sweep, in whatever order they are found and whatever else is known', () => {
  const keys = [
    keyOf([here, other], 1),
    keyOf([here, other], HOUR),
    keyOf([other, here], 2 * HOUR),
    leakNotification(
      { ...order, erase: true },
      { leaked: [here, other], unseen: [{ host: 'far-2', why: 'off' }], at: 3 * HOUR },
    ).key,
  ];
  expect(new Set(keys).size).toBe(1);
});

test('other leaks, one more, one less, and those of another host or project have keys of their own', () => {
  const keys = [
    keyOf([here], 1),
    keyOf([there], 1),
    keyOf([other], 1),
    keyOf([here, other], 1),
    keyOf([here, there], 1),
    keyOf([{ name: 'run-1' }], 1),
    keyOf([here], 1, 'shopping'),
  ];
  expect(new Set(keys).size).toBe(keys.length);
});

test('a leak is told with its host, what was not seen, and how it goes', () => {
  expect(leakNotification(order, { leaked: [here], unseen: [{ host: 'far-2', why: 'no worker' }], at: 5 })).toEqual({
    key: 'shop:leaked:run-1 on near-1',
    kind: 'leaked',
    title: 'shop has the environment run-1 on near-1 that no lease holds (process)',
    body: [
      ...['- `run-1 on near-1`', '', '- `not seen: far-2 (no worker)`', ''],
      'Nothing is erased without `sweep: erase` in `leases`; `spec-to-pr env destroy NAME` on that host does it by hand.',
    ].join('\n'),
    subject: { workId: 'shop', run: 'shop:sweep', startedAt: 5, pullRequests: [], repositories: order.repositories },
  });
});
