import { expect, test } from '@jest/globals';
import { judge } from '../../../formats/judge.ts';
import type { Report } from '../../../formats/reports/report.ts';
import { readTap } from '../../../formats/reports/tap.ts';

test.each<[string, string, Partial<Report>]>([
  [
    'version 12 without a version line',
    '1..2\nok 1 - a\nnot ok 2 - b # TODO later\n',
    { passed: 1, failed: 0, total: 2 },
  ],
  [
    'subtests of version 14',
    'TAP version 14\n# Subtest: a\n    ok 1 - b\n    ok 2 - c\n    1..2\nok 1 - a\n1..1',
    { passed: 2, total: 2 },
  ],
  [
    'a parent that fails by itself',
    '# Subtest: a\n    ok 1 - b\n    1..1\nnot ok 1 - a\n1..1',
    { passed: 1, failed: 1, total: 2 },
  ],
  ['a point without a name', '1..1\nnot ok', { failed: 1, total: 1 }],
  ['everything skipped', '1..0 # SKIP no browser', { passed: 0, failed: 0, total: 0, cases: [] }],
  ['fewer tests than planned', '1..3\nok 1 - a', { passed: 1, failed: 1, total: 2 }],
  ['a run that did not end', 'TAP version 13\nok 1 - a', { passed: 1, failed: 1, total: 2 }],
  [
    'lines that are no TAP',
    'TAP version 13\nlistening\nok 1 - a\n  <b>\n1..1\nbye',
    { passed: 1, failed: 0, total: 1 },
  ],
])('TAP is read: %s', (_, given, wanted) => {
  expect(readTap(given)).toMatchObject({ format: 'tap', broken: [], ...wanted });
});

test.each([
  ['before a test passed breaks the suite', '', 'compile_error', 'Bail out! no database'],
  ['after a test passed is a failure', 'ok 1 - a\n', 'test_failure', '1 test failed, first Bail out'],
  [
    'for want of tests is none',
    'not ok 1 - global failure\nBail out! No tests matched the filter\n',
    'no_tests',
    'no test was executed',
  ],
])('a bail-out %s', (_, before, kind, why) => {
  const text = `TAP version 13\n${before}Bail out! no database\n`;
  const found = judge({ output: '', exitCode: 1, reports: [{ name: 'r', text }] });
  expect([found.class, found.why]).toEqual([kind, why]);
});

test('points that were not planned are files that could not be loaded', () => {
  const text = 'TAP version 13\nnot ok 1 - Error: Cannot find module x\nnot ok 2 - No tests found in y\n1..0\n';
  expect(readTap(text)).toMatchObject({ total: 0, cases: [], broken: [{ id: 'Error: Cannot find module x' }] });
});

test('of very many failures the first thousand are told in full, the others by their names; all are counted', () => {
  const points = Array.from({ length: 3000 }, (_, at) =>
    at % 2 === 0
      ? `ok ${at + 1} - t${at}\n  ---\n  duration_ms: 1500\n  ...`
      : `not ok ${at + 1} - t${at}\n  ---\n  error: 'boom'\n  ...`,
  );
  const calm = Array.from(
    { length: 5 },
    (_, at) => `# Subtest: s${at}\nok ${3001 + at} - s${at}\n  ---\n  duration_ms: 250\n  ...`,
  );
  const found = readTap(['TAP version 13', ...points, ...calm, '1..3005'].join('\n'));
  expect([found.passed, found.failed, found.total]).toEqual([1505, 1500, 3005]);
  expect(found.cases.filter(({ message }) => message === 'boom')).toHaveLength(1000);
  expect(found.cases.find(({ id }) => id === 's4')).toEqual({
    id: 's4',
    result: 'passed',
    message: '',
    where: '',
    seconds: 0.25,
  });
});
