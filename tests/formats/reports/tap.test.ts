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

test('a bail-out breaks the suite', () => {
  const { class: kind, why } = judge({
    output: '',
    exitCode: 1,
    reports: [{ name: 'r', text: 'TAP version 13\nok 1 - a\nBail out! no database\n' }],
  });
  expect([kind, why]).toEqual(['compile_error', 'Bail out! no database']);
});
