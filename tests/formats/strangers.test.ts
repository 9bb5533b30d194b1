import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { judge } from '../../formats/judge.ts';
import type { Judgement } from '../../formats/judge.ts';

/** What real runners printed, by file: exit code, then class, counts and failing tests that have to be read from it. */
const RUNS: Readonly<Record<string, readonly [number, string, readonly (number | null)[], readonly string[]]>> = {
  jasmine: [3, 'test_failure', [2, 2, 5], ['shop adds', 'shop cart sums up']],
  'jasmine-none': [0, 'no_tests', [0, 0, 0], []],
  'rspec-dns': [1, 'infra', [3, 1, 5], ['Shop talks']],
  'mocha-import': [1, 'compile_error', [null, null, null], []],
  'node-dot': [1, 'test_failure', [null, 2, null], ['adds', 'sums up']],
  'gtest-crash': [139, 'test_failure', [null, 1, null], ['Shop.Talks']],
  'phpunit-import': [255, 'compile_error', [null, null, null], []],
  'phpunit-syntax': [255, 'compile_error', [null, null, null], []],
  'ruby-import': [1, 'compile_error', [null, null, null], []],
  minitest: [1, 'test_failure', [2, 2, 5], ['ShopTest#test_sums_up', 'ShopTest#test_adds']],
  'test-unit-omission': [1, 'test_failure', [3, 1, 5], ['test_parses(ShopTest)']],
  'ava-timeout': [1, 'timeout', [null, null, null], []],
  'tape-disk': [1, 'infra', [3, 1, 4], ['Error: ENOSPC: no space left on device, write']],
  'go-trap': [1, 'test_failure', [null, 1, null], ['example.com/shop.TestNet']],
  lerna: [1, 'test_failure', [15, 1, 20], ['shop adds']],
  turbo: [1, 'test_failure', [15, 1, 20], ['shop adds']],
  concurrently: [1, 'test_failure', [7, 1, 10], ['shop adds']],
  'make-two': [2, 'test_failure', [6, 2, 10], ['test_shop.py::test_add', 'shop adds']],
  timestamps: [1, 'test_failure', [7, 1, 10], ['shop adds']],
  compose: [1, 'test_failure', [7, 1, 10], ['shop adds']],
  'phpunit-testdox': [1, 'test_failure', [3, 1, 5], ['Adds']],
  'pytest-quiet': [
    1,
    'test_failure',
    [null, 2, null],
    ['test_shop.py::TestCart::test_total[xs0-6]', 'test_shop.py::test_add'],
  ],
  'django-green': [0, 'pass', [4, 0, 5], []],
  'catch2-trap': [1, 'test_failure', [3, 1, 4], ['talks']],
  'prove-dns': [1, 'infra', [null, null, null], ['t/02-net.t']],
  'prove-syntax': [1, 'compile_error', [null, null, null], ['t/02-net.t']],
  cucumber: [1, 'test_failure', [2, 2, 5], ['adds', 'sums up']],
  'cucumber-green': [0, 'pass', [4, 0, 5], []],
  'bats-pretty': [1, 'infra', [3, 1, 5], ['talks']],
  'bats-tap': [1, 'infra', [3, 1, 5], ['talks']],
  'pytest-sugar': [
    1,
    'test_failure',
    [2, 2, 5],
    ['test_shop.py::test_add', 'test_shop.py::TestCart::test_total[xs0-6]'],
  ],
  'pytest-sugar-green': [0, 'pass', [4, 0, 5], []],
  'robot-dns': [1, 'infra', [3, 1, 5], ['Talks']],
  'behave-dns': [1, 'infra', [3, 1, 5], ['talks']],
  behave: [1, 'test_failure', [2, 2, 5], ['adds', 'sums up']],
  trial: [1, 'test_failure', [2, 2, 5], ['test_shop.Shop.test_add', 'test_shop.Shop.test_total']],
  'maven-modules': [1, 'test_failure', [3, 3, 7], ['x.ATest.net', 'x.ATest.adds', 'x.BTest.eq']],
  'green-dns': [1, 'infra', [3, 1, 5], ['test_shop.Shop.test_net']],
  boost: [201, 'test_failure', [2, 2, 4], ['adds', 'cart/sums_up']],
  'boost-trap': [201, 'test_failure', [3, 1, 4], ['talks']],
  'ava-import': [1, 'compile_error', [null, null, null], ['test.cjs']],
  'ava-none': [1, 'no_tests', [0, 0, 0], []],
  'ava-tap-syntax': [
    1,
    'compile_error',
    [null, null, null],
    ['/tmp/ci/app/test.cjs:14', 'test.cjs exited with a non-zero exit code: 1'],
  ],
  exunit: [2, 'test_failure', [2, 2, 5], ['cart sums up (ShopTest)', 'adds (ShopTest)']],
  'exunit-refused': [2, 'infra', [3, 1, 5], ['talks (ShopTest)']],
  busted: [1, 'test_failure', [2, 2, 5], ['shop adds', 'shop cart sums up']],
  'busted-syntax': [1, 'compile_error', [null, null, null], ['spec/shop_spec.lua:14']],
  'busted-none': [0, 'no_tests', [0, 0, 0], []],
  uvu: [1, 'test_failure', [2, 2, 5], ['shop adds', 'shop sums up']],
  'uvu-dns': [1, 'infra', [3, 1, 5], ['shop talks']],
  'qunit-none': [1, 'no_tests', [0, 0, 0], []],
  'qunit-import': [1, 'compile_error', [null, null, null], ['global failure']],
  'zora-dns': [1, 'infra', [3, 1, 4], ['Bail out']],
  testthat: [1, 'test_failure', [2, 2, 5], ['adds', 'sums up']],
  'testthat-import': [1, 'compile_error', [null, null, null], ['(code run outside of `test_that()`)']],
  eunit: [1, 'test_failure', [2, 2, 4], ['shop_tests:adds_test/0', 'shop_tests:sums_test/0']],
  'eunit-verbose': [1, 'test_failure', [3, 1, 4], ['shop_tests: adds_test']],
  'eunit-import': [1, 'compile_error', [null, null, null], []],
  'busted-tap-import': [1, 'compile_error', [null, null, null], ['suite spec/shop_spec.lua']],
  karma: [1, 'test_failure', [2, 2, 5], ['shop adds', 'shop cart sums up']],
  'karma-spec': [1, 'test_failure', [2, 2, 5], ['adds', 'sums up']],
  'karma-none': [1, 'no_tests', [0, 0, 0], []],
};

/** Pairs of real runs; in the first list of one cause, in the second of two. */
const SAME: readonly (readonly [string, string, number])[] = [
  ['gtest-crash', 'gtest-crash-again', 139],
  ['node-volatile', 'node-volatile-again', 1],
  ['vitest-syntax', 'vitest-syntax-again', 1],
  ['vitest-volatile', 'vitest-volatile-again', 1],
  ['jest-syntax', 'jest-syntax-again', 1],
  ['minitest', 'minitest-verbose', 1],
  ['test-unit-omission', 'test-unit-colour', 1],
  ['go-volatile', 'go-volatile-again', 1],
  ['compose', 'compose-again', 1],
  ['compose', 'timestamps', 1],
  ['phpunit-testdox', 'phpunit-testdox-again', 1],
  ['prove-dns', 'prove-dns-again', 1],
  ['pytest-cut', 'pytest-cut-again', 1],
  ['phpunit-data-set', 'phpunit-data-set-again', 1],
  ['cargo-volatile', 'cargo-volatile-again', 101],
  ['boost', 'boost-random', 201],
  ['exunit', 'exunit-traced', 2],
  ['busted', 'busted-shuffled', 1],
];
const OTHER: readonly (readonly [string, string, number])[] = [
  ['mocha-five', 'mocha-six', 1],
  ['bats-tap-a', 'bats-tap-b', 1],
];

const folder = path.join(import.meta.dirname, 'strangers');

function judged(name: string, exitCode: number): Judgement {
  return judge({ output: readFileSync(path.join(folder, `${name}.txt`), 'utf8'), exitCode, reports: [] });
}

test.each(Object.entries(RUNS))('what %s printed is read', (name, [exitCode, kind, counts, failing]) => {
  const found = judged(name, exitCode);
  expect([found.class, [found.passed, found.failed, found.total], found.failures.map(({ id }) => id)]).toEqual([
    kind,
    counts,
    failing,
  ]);
});

test.each(SAME)('%s and %s are told to be one failure', (one, again, exitCode) => {
  const [first, second] = [judged(one, exitCode), judged(again, exitCode)];
  expect(second.essence).toBe(first.essence);
  expect(second.fingerprint).toBe(first.fingerprint);
  expect(first.fingerprint).not.toBe('');
});

test.each(OTHER)('%s and %s are told to be two failures', (one, other, exitCode) => {
  const [first, second] = [judged(one, exitCode).fingerprint, judged(other, exitCode).fingerprint];
  expect([first === '', second === '', second === first]).toEqual([false, false, false]);
});

test('every kept output is used', () => {
  const used = new Set([...Object.keys(RUNS), ...[...SAME, ...OTHER].flatMap(([one, other]) => [one, other])]);
  expect(readdirSync(folder).toSorted()).toEqual([...used].map((name) => `${name}.txt`).toSorted());
});
