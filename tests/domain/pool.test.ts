import { expect, test } from '@jest/globals';
import { add, emptyPool, failed, nextLook, ready, stale, take, wantsMore, without } from '../../domain/pool.ts';
import type { Member, Pool } from '../../domain/pool.ts';

const SECOND = 1000;
const NOW = 10_000 * SECOND;
const policy = { minReady: 2, maxAgeSeconds: 600 };
const at = { policy, now: NOW };

const member = (name: string, age: number, state: Member['state'] = 'ready'): Member => ({
  ...{ name, state, since: NOW - age * SECOND },
});
const pool = (changes: Partial<Pool> = {}): Pool => ({ ...emptyPool(NOW), ...changes });

test.each<[string, readonly Member[], readonly (string | null)[]]>([
  ['nothing', [], [null]],
  ['one that is being provisioned', [member('a', 5, 'provisioning')], [null]],
  ['one a moment before it is stale', [member('a', 599.999)], ['a', null]],
  ['one that is stale from this moment on', [member('a', 600)], [null]],
  ['only stale ones', [member('a', 601), member('b', 99_999)], [null]],
  ['a stale one before a fresh one', [member('a', 601), member('b', 599)], ['b', null]],
  ['two fresh ones', [member('a', 9), member('b', 5)], ['a', 'b', null]],
])('of %s every run gets another one that is ready and not stale, the first made first', (_, members, names) => {
  let left = pool({ members });
  const given = names.map((_name, n) => {
    const { pool: after, name } = take(left, `run-${n}`, at);
    left = after;
    return name;
  });
  expect(given).toEqual(names);
});

test('who takes a member is remembered, and everybody who asks is a sign that the pool is needed', () => {
  const [a, b] = [member('a', 5), member('b', 5)];
  const before = pool({ members: [a, b], askedAt: 7, made: 2 });
  const { pool: after } = take(before, 'run-1', at);
  expect(after).toEqual({ ...before, askedAt: NOW, members: [b], taken: [['run-1', 'a']] });
  expect(take(pool({ askedAt: 7 }), 'run-1', at).pool).toEqual(pool());
});

test('a run that asks again gets the environment that it got, however old that is by now, and no second one', () => {
  const { pool: taken } = take(pool({ members: [member('a', 5), member('b', 5)] }), 'run-1', at);
  const later = { policy, now: NOW + 9999 * SECOND };
  expect(take(taken, 'run-1', later)).toEqual({ pool: taken, name: 'a' });
});

test('the newest hundred runs are remembered', () => {
  let many = pool({ members: Array.from({ length: 101 }, (_, n) => member(`m${n}`, 5)) });
  for (let n = 0; n < 101; n += 1) many = take(many, `run-${n}`, at).pool;
  expect(many.taken).toEqual(Array.from({ length: 100 }, (_, n) => [`run-${n + 1}`, `m${n + 1}`]));
});

test('stale is what has been ready for too long, not what is still being provisioned', () => {
  const [old, slow, fresh] = [member('old', 600), member('slow', 9999, 'provisioning'), member('fresh', 599)];
  expect(stale(pool({ members: [slow, old, fresh] }), at)).toEqual([old]);
});

test.each<[string, Partial<Pool>, boolean]>([
  ['an empty pool that was just asked', {}, true],
  ['a pool that lacks one', { members: [member('a', 1)] }, true],
  ['a full pool', { members: [member('a', 1), member('b', 1, 'provisioning')] }, false],
  ['a pool that nobody has asked for nearly as long as a member may wait', { askedAt: NOW - 599_999 }, true],
  ['a pool that nobody has asked for that long', { askedAt: NOW - 600_000 }, false],
  ['a pool that pauses', { notBefore: NOW + 1 }, false],
  ['a pool whose pause is over', { notBefore: NOW }, true],
])('%s: whether one more is provisioned', (_, changes, more) => {
  expect(wantsMore(pool(changes), at)).toBe(more);
});

test.each<[string, Partial<Pool>, number | undefined]>([
  ['it lacks some', { members: [member('a', 1)] }, NOW],
  ['it lacks some and pauses', { members: [], notBefore: NOW + 30_000 }, NOW + 30_000],
  ['a member goes stale before its pause ends', { members: [member('a', 590)], notBefore: NOW + 30_000 }, NOW + 10_000],
  ['it is full', { members: [member('a', 1), member('b', 100)] }, NOW + 500_000],
  [
    'it is full of what is being provisioned',
    { members: [member('a', 1, 'provisioning'), member('b', 1, 'provisioning')] },
    undefined,
  ],
  ['nobody asks any more', { members: [member('a', 590)], askedAt: 0 }, NOW + 10_000],
  ['nobody asks any more and it is empty', { askedAt: 0 }, undefined],
])('when a pool looks again: %s', (_, changes, when) => {
  expect(nextLook(pool(changes), at)).toBe(when);
});

test('the pause after a failure doubles up to half an hour, and one success makes it short again', () => {
  const pauses: number[] = [];
  let trying = pool();
  for (let n = 0; n < 9; n += 1) {
    trying = failed(add(trying, `m${n}`, NOW), `m${n}`, NOW);
    pauses.push((trying.notBefore - NOW) / SECOND);
    expect([trying.members, trying.made, trying.failures]).toEqual([[], n + 1, n + 1]);
  }
  expect(pauses).toEqual([30, 60, 120, 240, 480, 960, 1800, 1800, 1800]);
  const mended = ready(add(trying, 'm9', NOW), 'm9', NOW + 7);
  expect([mended.members, mended.failures]).toEqual([[{ name: 'm9', state: 'ready', since: NOW + 7 }], 0]);
  expect(failed(mended, 'm10', NOW).notBefore).toBe(NOW + 30 * SECOND);
});

test('what was taken away or came to nothing is a member no more, the others stay as they are', () => {
  const [a, b] = [member('a', 1), member('b', 2, 'provisioning')];
  expect(without(pool({ members: [a, b] }), 'a')).toEqual(pool({ members: [b] }));
  expect(failed(pool({ members: [a, b] }), 'b', NOW).members).toEqual([a]);
  expect(ready(pool({ members: [a] }), 'gone', NOW).members).toEqual([a]);
});
