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
  ginkgo: [1, 'test_failure', [2, 2, 5], ['shop adds', 'shop cart sums up']],
  'ginkgo-dns': [1, 'infra', [3, 1, 5], ['shop talks']],
  bun: [1, 'test_failure', [3, 1, 5], ['shop > adds']],
  'bun-import': [1, 'compile_error', [null, null, null], ['unhandled error']],
  'deno-import': [1, 'compile_error', [null, null, null], ['./shop_test.js', './shop_test.js']],
  'deno-syntax': [1, 'compile_error', [null, null, null], []],
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
  ['ginkgo', 'ginkgo-random', 1],
  ['bun', 'bun-colour', 1],
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

const REMARKS: readonly string[] = [
  'npm error Lifecycle script `test` failed with error:\nnpm error code 1\nnpm error path /srv/shop\nnpm error command sh -c x',
  "make[1]: *** [Makefile:12: test] Error 1\nmake[1]: Leaving directory '/srv/shop'\nmake: *** [Makefile:3: all] Error 2",
  'error Command failed with exit code 1.\ninfo Visit https://yarnpkg.com/en/docs/cli/run for documentation about this command.',
  'py311: exit 1 (0.61 seconds) /srv> x pid=4711\n  py311: FAIL code 1 (0.72=setup[0.10]+cmd[0.61] seconds)\n  evaluation failed :( (0.80 seconds)',
  '##[error]Process completed with exit code 1.',
  'real\t0m1.234s\nuser\t0m1.000s\nsys\t0m0.100s',
];

test.each(['busted', 'mocha-five', 'pytest-quiet', 'bun', 'zora-dns', 'deno-import'])(
  'what npm, make, tox and others remark at the end changes nothing in what %s said',
  (name) => {
    const output = readFileSync(path.join(folder, `${name}.txt`), 'utf8');
    const bare = judged(name, 1);
    const wrapped = REMARKS.map((remark) => judge({ output: `${output}\n${remark}\n`, exitCode: 1, reports: [] }));
    expect(wrapped).toEqual(REMARKS.map(() => bare));
  },
);

test('events of go test among the lines of a build tool, and a single line with the time before it, are read', () => {
  const event = (fields: object): string => JSON.stringify({ Action: 'output', Package: 'x', ...fields });
  const printed = ['=== RUN   TestA\n', '--- FAIL: TestA (0.00s)\n', '    a_test.go:3: boom\n', 'FAIL\tx\t0.1s\n'];
  const output = ['+ go test -json', ...printed.map((Output) => event({ Output })), 'real\t0m1.0s'].join('\n');
  const found = judge({ output, exitCode: 1, reports: [] });
  expect([found.class, found.failed, found.failures.map(({ id }) => id)]).toEqual(['test_failure', 1, ['x.TestA']]);
  const stamped = ['No tests found', '', 'done'].map((line) => `2026-11-21T18:00:00.1234567Z ${line}`).join('\n');
  expect(judge({ output: stamped, exitCode: 0, reports: [] }).class).toBe('no_tests');
});

test('of output that nobody can read, what it complains of is the fingerprint: not the order, nor how many passed', () => {
  const said = (...lines: readonly string[]): string =>
    judge({ output: lines.join('\n'), exitCode: 3, reports: [] }).fingerprint;
  const [four, five] = ['checker: mismatch in total\n  want 4', 'checker: mismatch in total\n  want 5'];
  const other = 'checker: error in names';
  expect(said('hello', '13 ok', four, other)).toBe(said('12 ok', other, four));
  expect(said(four)).not.toBe(said(five));
});

test('every kept output is used', () => {
  const used = new Set([...Object.keys(RUNS), ...[...SAME, ...OTHER].flatMap(([one, other]) => [one, other])]);
  expect(readdirSync(folder).toSorted()).toEqual([...used].map((name) => `${name}.txt`).toSorted());
});
