import { expect, test } from '@jest/globals';
import { withSign } from '../../domain/hosts.ts';

const DAY = 86_400_000;

test('each host is known by its newest sign', () => {
  expect(withSign(withSign(withSign({}, 'a-1', 5), 'b-2', 6), 'a-1', 7)).toEqual({ 'a-1': 7, 'b-2': 6 });
});

test('a host that was silent for two weeks is forgotten with the next sign of any other, not a moment earlier', () => {
  const before = { old: 0, 'not-so-old': 1 };
  expect(withSign(before, 'new', 14 * DAY)).toEqual({ 'not-so-old': 1, new: 14 * DAY });
});

test('of very many hosts the newest are kept', () => {
  let hosts = {};
  for (let n = 0; n < 250; n += 1) hosts = withSign(hosts, `h${n}`, n);
  expect(Object.keys(hosts)).toEqual(Array.from({ length: 200 }, (_, n) => `h${249 - n}`));
});

test.each([[undefined], [null], [7], [''], ['a b'], ['../x'], ['x'.repeat(61)], [{ host: 'a' }]])(
  'a sign of %j is none',
  (sign) => {
    expect(withSign({ a: 1 }, sign, 2)).toEqual({ a: 1 });
  },
);
