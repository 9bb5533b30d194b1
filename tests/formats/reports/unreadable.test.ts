import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { judge } from '../../../formats/judge.ts';
import { readReport } from '../../../formats/reports/index.ts';

const text = (name: string): string => readFileSync(path.join(import.meta.dirname, `${name}.txt`), 'utf8');

test.each([
  ['', 'is empty'],
  [
    'PASS 3 tests',
    'has no format that is known: it is neither JUnit XML, TAP, nor JSON of Playwright, pytest or go test',
  ],
  ['{"suites": [', 'is JSON that is broken or cut off'],
  ['{"suites": [{}], "stats": {}}', 'could not be understood: '],
  ['{"tests": 1, "summary": {}}', 'could not be understood: '],
  ['{"numTotalTests": 3}', 'has no format that is known: '],
  ['<html></html>', 'is no JUnit XML: it has no test suite'],
  ['<testsuites><testcase name="a"', 'is XML that is broken or cut off ('],
  [`{"Action":"run","Package":"a","Test":"T"}\n{"Action":"pa`, 'is cut off in its last line'],
  [text('pytest-log').slice(0, -200), 'has a line that is broken or cut off'],
  [text('pytest-log').split('\n').slice(0, 8).join('\n'), 'is cut off: it has no end of the session'],
  ['['.repeat(100_000), 'has no format that is known: '],
  [`{"stats":{},"suites":[${'{"title":"a","suites":['.repeat(50_000)}${']}'.repeat(50_000)}]}`, ''],
])('of a report that cannot be read one sentence says why: number %#', (given, why) => {
  const found = readReport({ name: 'r', text: given });
  expect(found).toEqual({ problem: expect.stringContaining(why) });
  const told = judge({
    output: 'Tests: 1 failed\nAssertionError',
    exitCode: 1,
    reports: [{ name: 'out/r', text: given }],
  });
  expect([told.class, told.unread]).toEqual(['test_failure', [expect.stringContaining(`the report out/r ${why}`)]]);
});

test('with a report that is cut off the console decides', () => {
  const cut = text('playwright').slice(0, -100);
  const told = judge({ output: text('playwright-console'), exitCode: 1, reports: [{ name: 'r', text: cut }] });
  expect(told).toMatchObject({ passed: 3, failed: 4, total: 8, format: 'playwright' });
  expect([told.fingerprint, told.unread]).toEqual([
    judge({ output: '', exitCode: 1, reports: [{ name: 'r', text: text('playwright') }] }).fingerprint,
    ['the report r is JSON that is broken or cut off'],
  ]);
});

test('hostile reports take no time to speak of and break nothing', () => {
  const hostile = [
    `TAP version 13\n${'    '.repeat(500_000)}ok 1\n${'x'.repeat(1_000_000)}\n1..1`,
    `TAP version 14\n${'ok 1 - a {\n'.repeat(5000)}`,
    `TAP version 13\nnot ok 1 - a\n  ---\n  a: &a [${'x,'.repeat(1000)}]\n  b: &b [${'*a,'.repeat(1000)}]\n  c: [${'*b,'.repeat(1000)}]\n  ...\n1..1`,
    `<testsuites>${'<testsuite>'.repeat(20_000)}`,
    `1..1\nnot ok 1 - a\n# ${'a/'.repeat(500_000)}\n`,
  ];
  const failed = hostile.map((each) => {
    const found = readReport({ name: 'r', text: each });
    return 'report' in found ? found.report.failed : null;
  });
  expect(failed).toEqual([0, 1, 1, null, 1]);
});
