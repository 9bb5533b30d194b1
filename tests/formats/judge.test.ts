import { expect, test } from '@jest/globals';
import { normalise } from '../../domain/fingerprint.ts';
import { judge } from '../../formats/judge.ts';

const junit = (cases: string): string =>
  `<?xml version="1.0"?>\n<testsuites><testsuite name="suite">${cases}</testsuite></testsuites>`;
const run = (cases: string, exitCode: number | null = 1, output = '') =>
  judge({ output, exitCode, reports: [{ name: 'r.xml', text: junit(cases) }] });
const failed = (message: string): string =>
  `<testcase name="a" classname="s"><failure message="${message}">at x.js:3</failure></testcase>`;

test('a report gives counts, failing tests and their messages', () => {
  const cases = `<testcase name="ok" classname="s" time="0.5"/><testcase name="later" classname="s"><skipped/></testcase>${failed('5 is not 4')}<testcase name="b" classname="s"><error message="boom"/></testcase>`;
  expect(run(cases)).toMatchObject({
    class: 'test_failure',
    passed: 1,
    failed: 2,
    total: 4,
    format: 'junit',
    failures: [
      { id: 's > a', message: '5 is not 4\nat x.js:3' },
      { id: 's > b', message: 'boom' },
    ],
    why: '2 tests failed, first s > a',
  });
});

test('a green report with a failing command is no pass, and a red one with exit 0 is none either', () => {
  expect(run('<testcase name="ok"/>', 1).class).toBe('test_failure');
  expect(run(failed('x'), 0).class).toBe('test_failure');
  expect(run('<testcase name="ok"/>', 0).class).toBe('pass');
});

test.each<[string, Parameters<typeof judge>[0], string]>([
  ['a report without tests', { output: '', exitCode: 0, reports: [{ name: 'r', text: junit('') }] }, 'no_tests'],
  [
    'only skipped tests',
    { output: '', exitCode: 0, reports: [{ name: 'r', text: junit('<testcase name="a"><skipped/></testcase>') }] },
    'no_tests',
  ],
  ['a time-out', { output: '', exitCode: null, timedOut: true, reports: [] }, 'timeout'],
  ['a missing tool', { output: 'sh: 1: jest: not found', exitCode: 127, reports: [] }, 'infra'],
  ['a command without a report that succeeds', { output: 'ok', exitCode: 0, reports: [] }, 'pass'],
  [
    'a report that is cut off',
    {
      output: 'killed',
      exitCode: 1,
      reports: [{ name: 'r', text: '<testsuites><testsuite name="s"><testcase name="a"' }],
    },
    'test_failure',
  ],
])('%s is %s', (_, given, kind) => {
  expect(judge(given).class).toBe(kind);
});

test('the fingerprint is the same for the same failure with other noise, and another for another failure', () => {
  const fingerprint = (message: string): string => run(failed(message)).fingerprint;
  expect(fingerprint('at 2026-01-02T03:04:05Z port 4711 in /tmp/abc/x took 12 ms')).toBe(
    fingerprint('at 2027-11-12T13:14:15Z port 815 in /tmp/xyz/y took 99 ms'),
  );
  expect(fingerprint('expected 4, got 5')).not.toBe(fingerprint('expected 4, got 6'));
  expect(fingerprint('status 404')).not.toBe(fingerprint('status 500'));
});

test('colours that a writer put into its report tell nothing, however it wrote them', () => {
  const messages = [
    'Expected: 4, got 5',
    '&#27;[31mExpected: 4, &#27;[39mgot 5&#27;[0m',
    '#x1B[31mExpected: 4, #x1B[39mgot 5#x1B[0m',
    '[31mExpected: 4, [39mgot 5[0m',
  ];
  expect(new Set(messages.map((message) => run(failed(message)).essence))).toEqual(
    new Set(['s > a\tExpected: 4, got 5']),
  );
});

test('the order of failures does not matter', () => {
  const one = '<testcase name="a"><failure message="x"/></testcase>';
  const two = '<testcase name="b"><failure message="y"/></testcase>';
  expect(run(one + two).fingerprint).toBe(run(two + one).fingerprint);
});

test.each([
  ['127.0.0.1:41234 refused', '127.0.0.1:<port> refused'],
  ['0x7ffdeadbeef at a.c:12:3', '<address> at a.c:<line>'],
  ['550e8400-e29b-41d4-a716-446655440000', '<uuid>'],
  ['expected 5 to be 4', 'expected 5 to be 4'],
])('%j without noise is %j', (message, clean) => {
  expect(normalise(message)).toBe(clean);
});
