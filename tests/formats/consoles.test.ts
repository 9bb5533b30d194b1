import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { judge } from '../../formats/judge.ts';

/** What real runners printed, by file: exit code, then class, counts and failing tests that have to be read from it. */
const RUNS: Readonly<Record<string, readonly [number, string, readonly (number | null)[], readonly string[]]>> = {
  ava: [1, 'test_failure', [1, 1, 3], ['sums']],
  bun: [1, 'test_failure', [1, 1, 3], ['cart > sums']],
  'bun-none': [1, 'no_tests', [0, 0, 0], []],
  'cargo-missing': [101, 'compile_error', [null, null, null], []],
  deno: [1, 'test_failure', [1, 1, 3], ['sums']],
  'go-json': [
    1,
    'test_failure',
    [3, 3, 7],
    ['example.com/g/calc.TestAdd', 'example.com/g/calc.TestTable/a', 'example.com/g/calc.TestTable'],
  ],
  'go-none': [0, 'no_tests', [0, 0, 0], []],
  'go-plain': [
    1,
    'test_failure',
    [null, 3, null],
    ['example.com/g/calc.TestAdd', 'example.com/g/calc.TestTable', 'example.com/g/calc.TestTable/a'],
  ],
  'go-v': [
    1,
    'test_failure',
    [3, 3, 7],
    ['example.com/g/calc.TestAdd', 'example.com/g/calc.TestTable', 'example.com/g/calc.TestTable/a'],
  ],
  mocha: [2, 'test_failure', [1, 2, 4], ['cart sums up', 'cart inner throws']],
  'mocha-none': [0, 'no_tests', [0, 0, 0], []],
  'pw-line': [1, 'test_failure', [1, 1, 3], ['p/a.spec.js > cart › sums']],
  'pw-none': [1, 'no_tests', [0, 0, 0], []],
  'py-plain': [
    1,
    'test_failure',
    [1, 3, 5],
    ['test_a.py::T::test_err', 'test_a.py::T::test_sum', 'test_a.py::test_fixture'],
  ],
  'py-q': [
    1,
    'test_failure',
    [1, 3, 5],
    ['test_a.py::T::test_err', 'test_a.py::T::test_sum', 'test_a.py::test_fixture'],
  ],
  'py-tb': [1, 'infra', [0, 1, 1], ['test_a.py::T::test_err']],
  tape: [1, 'test_failure', [2, 1, 3], ['four is five']],
  tsc: [1, 'compile_error', [null, null, null], []],
  ut: [1, 'test_failure', [1, 2, 3], ['test_a.T.test_err', 'test_a.T.test_sum']],
  'ut-fix': [1, 'infra', [0, 1, 1], ['test_a.py::test_fixture']],
  catch2: [2, 'test_failure', [1, 2, 3], ['sums', 'throws']],
  'catch2-none': [0, 'no_tests', [0, 0, 0], []],
  gotestsum: [1, 'test_failure', [3, 3, 7], ['calc.TestAdd', 'calc.TestTable/a', 'calc.TestTable']],
  'gotestsum-dots': [1, 'test_failure', [3, 3, 7], ['calc.TestAdd', 'calc.TestTable/a', 'calc.TestTable']],
  gtest: [1, 'test_failure', [2, 2, 5], ['Cart.Sums', 'N/P.Odd/1']],
  'gtest-none': [0, 'no_tests', [0, 0, 0], []],
  minitest: [1, 'test_failure', [1, 2, 4], ['CartTest#test_sums', 'CartTest#test_raises']],
  'minitest-none': [0, 'no_tests', [0, 0, 0], []],
  phpunit: [2, 'test_failure', [1, 2, 4], ['CartTest::testRaises', 'CartTest::testSums']],
  'phpunit-broken': [255, 'compile_error', [null, null, null], []],
  'phpunit-none': [0, 'no_tests', [0, 0, 0], []],
  rspec: [1, 'test_failure', [1, 2, 4], ['Cart sums', 'Cart raises']],
  'rspec-broken': [1, 'compile_error', [null, null, null], ['./rbk/x_spec.rb']],
  'rspec-none': [0, 'no_tests', [0, 0, 0], []],
  'ruby-syntax': [1, 'compile_error', [null, null, null], []],
  'test-unit': [1, 'test_failure', [1, 1, 2], ['test_sums(CartTest)']],
  prove: [1, 'test_failure', [1, 2, 4], ['sums up', 'has stock']],
  ptime: [1, 'timeout', [null, null, null], []],
  'ptime-sig': [1, 'test_failure', [1, 1, 2], ['test_t.py::test_slow']],
  xdist: [
    1,
    'test_failure',
    [1, 3, 5],
    ['test_a.py::T::test_sum', 'test_a.py::T::test_err', 'test_a.py::test_fixture'],
  ],
  vitest: [1, 'test_failure', [1, 1, 3], ['v/a.test.js > cart > sums']],
  'vitest-broken': [1, 'compile_error', [null, null, null], ['v/b.test.js [ v/b.test.js ]']],
  'vitest-none': [1, 'no_tests', [0, 0, 0], []],
};
const folder = path.join(import.meta.dirname, 'outputs');
const outputOf = (name: string): string => readFileSync(path.join(folder, `${name}.txt`), 'utf8');

test.each(Object.entries(RUNS))('what %s printed is read', (name, [exitCode, kind, counts, failing]) => {
  const found = judge({ output: outputOf(name), exitCode, reports: [] });
  expect([found.class, [found.passed, found.failed, found.total], found.failures.map(({ id }) => id)]).toEqual([
    kind,
    counts,
    failing,
  ]);
});

test('every kept output is in the table', () => {
  expect(
    readdirSync(folder)
      .map((name) => path.basename(name, '.txt'))
      .toSorted(),
  ).toEqual(Object.keys(RUNS).toSorted());
});

// Written after the runners' formats: these are not at hand everywhere.
test.each([
  [
    'dotnet test',
    1,
    '  Failed Shop.CartTests.Sums [12 ms]\n  Error Message:\n   Assert.Equal() Failure\nExpected: 5\nActual:   4\n  Stack Trace:\n     at Shop.CartTests.Sums() in /srv/app/CartTests.cs:line 9\n\nFailed!  - Failed:     1, Passed:     2, Skipped:     0, Total:     3, Duration: 20 ms - Shop.dll (net9.0)\n',
    [2, 1, 3],
    ['Shop.CartTests.Sums'],
  ],
  [
    'gradle',
    1,
    "> Task :test FAILED\n\nCartTest > sums() FAILED\n    org.opentest4j.AssertionFailedError: expected: <5> but was: <4>\n        at CartTest.java:9\n\n3 tests completed, 1 failed, 1 skipped\n\n* What went wrong:\nExecution failed for task ':test'.\n\nBUILD FAILED in 2s\n",
    [1, 1, 3],
    ['CartTest > sums()'],
  ],
])('the words of %s are read', (format, exitCode, output, [passed, failed, total], failing) => {
  const found = judge({ output, exitCode, reports: [] });
  expect(found).toMatchObject({ class: 'test_failure', format, passed, failed, total });
  expect(found.failures.map(({ id }) => id)).toEqual(failing);
});

test.each([
  ['gcc', 'src/a.c:3:5: error: unknown type name ‘foo’\nmake: *** [Makefile:2: a.o] Error 1\n', 2, 'compile_error'],
  ['javac', 'src/A.java:3: error: cannot find symbol\n1 error\n', 1, 'compile_error'],
  ['rustc', 'error[E0308]: mismatched types\n  --> src/lib.rs:6:5\n', 101, 'compile_error'],
  [
    'eslint',
    '/srv/app/a.js\n  3:1  error  foo is not defined  no-undef\n\n✖ 1 problem (1 error, 0 warnings)\n',
    1,
    'compile_error',
  ],
  ['a missing tool', 'sh: 1: terraform: not found\n', 127, 'infra'],
  ['a full disk', 'tar: out.tar: Cannot write: No space left on device\n', 2, 'infra'],
  ['an expired certificate', 'curl: (60) SSL certificate problem: certificate has expired\n', 60, 'infra'],
  ['a used port', 'Error: listen EADDRINUSE: address already in use :::3000\n', 1, 'infra'],
  [
    'no credentials',
    'Unable to locate credentials. You can configure credentials by running "aws configure".\n',
    253,
    'infra',
  ],
  ['a quota', 'toomanyrequests: You have reached your pull rate limit.\n', 1, 'infra'],
  ['a log at level ERROR', '[ERROR] could not resolve host: db.internal\n', 1, 'infra'],
  ['mypy', 'a.py:3: error: Incompatible types in assignment\n', 1, 'compile_error'],
  ['ruff', 'a.py:1:1: F401 `os` imported but unused\n', 1, 'compile_error'],
  ['silence', '', 0, 'pass'],
  ['an unknown failure', 'it went wrong\n', 3, 'test_failure'],
])('the output of %s is classed', (_, output, exitCode, kind) => {
  expect(judge({ output, exitCode, reports: [] }).class).toBe(kind);
});

test('an assertion about a refused connection is a red test, a refused connection is the host', () => {
  const run = (line: string): string =>
    judge({
      output: `FAIL a.test.js\n  ● calls\n\n    ${line}\n\nTests:       1 failed, 1 total\n`,
      exitCode: 1,
      reports: [],
    }).class;
  expect(run("expect(received).toBe(expected)\n\n    Expected: 'ok'\n    Received: 'connect ECONNREFUSED'")).toBe(
    'test_failure',
  );
  expect(run('connect ECONNREFUSED 127.0.0.1:5432')).toBe('infra');
});
