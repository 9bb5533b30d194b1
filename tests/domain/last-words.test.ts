import { expect, test } from '@jest/globals';
import { lastWords } from '../../domain/fingerprint.ts';

test('of a log the error at its end is told, without frames and what was logged before', () => {
  const log = (count: number): string =>
    [
      ...Array.from({ length: count }, (_, i) => `2026-01-0${1 + (i % 9)}T10:00:00Z INFO tick ${i}`),
      `worker ${count} is up`,
      '/srv/shop/server.js:3',
      "throw new TypeError('no schema 7');",
      '^',
      '',
      'TypeError: no schema 7',
      '    at Object.<anonymous> (/srv/shop/server.js:3:7)',
      '',
      'Node.js v24.1.0',
    ].join('\n');
  expect(lastWords(log(9))).toBe("throw new TypeError('no schema 7');\nTypeError: no schema 7\nNode.js v24.1.0");
  expect(lastWords(log(400))).toBe(lastWords(log(9)));
});

test.each([
  [
    'an error that was logged with a time',
    '10:00:01 INFO up\n10:00:02 ERROR no schema 7\n',
    '<time> ERROR no schema 7',
  ],
  ['last lines that name no error', 'tick\nno schema 7\n', 'tick\nno schema 7'],
  ['a log of nothing else', '10:00:01 INFO bye\n', '<time> INFO bye'],
  ['an empty log', '', ''],
])('%s is told as it is', (_, log, told) => expect(lastWords(log)).toBe(told));
