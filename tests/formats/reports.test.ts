import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { judge } from '../../formats/judge.ts';
import type { Judgement } from '../../formats/judge.ts';
import { readReport } from '../../formats/reports/index.ts';
import type { Report } from '../../formats/reports/report.ts';

/** What real runners wrote, by file; the names say nothing of the format. */
const text = (name: string): string => readFileSync(path.join(import.meta.dirname, 'reports', `${name}.txt`), 'utf8');
const judged = (name: string): Judgement =>
  judge({ output: '', exitCode: 1, reports: [{ name: 'out/report', text: text(name) }] });
const printed = (name: string): Judgement => judge({ output: text(name), exitCode: 1, reports: [] });

function read(given: string, name = 'report'): Report {
  const found = readReport({ name, text: given });
  if ('problem' in found) throw new Error(found.problem);
  return found.report;
}

const PYTEST = [
  ['test_pay.py::TestPay::test_total', 'test_pay.py:8', 'AssertionError: total is wrong\nassert 5 == 4'],
  ['test_pay.py::test_each[2]', 'test_pay.py:14', 'ValueError: bad n'],
  ['test_pay.py::test_needs', 'test_pay.py:4', 'RuntimeError: no database'],
  ['test_pay.py::test_strict', '', '[XPASS(strict)]'],
  [
    'test_pay.py::test_prints',
    'test_pay.py:26',
    "AssertionError: assert {'a': 1} == {'a': 2}\nDiffering items:\n{'a': 1} != {'a': 2}\nUse -v to get more diff",
  ],
  ['test_pay.py::test_teardown', 'test_pay.py:30', 'RuntimeError: teardown broke'],
];

test.each<[string, string, readonly number[], readonly (readonly string[])[]]>([
  ['pytest-json', 'pytest', [3, 6, 11], PYTEST],
  ['pytest-log', 'pytest', [3, 6, 11], PYTEST],
  [
    'go',
    'go test',
    [2, 3, 6],
    [
      ['acme/pay/cart.TestTotal', 'cart_test.go:4', 'printed\ncart_test.go:<line>: got 5, want 4'],
      ['acme/pay/cart.TestGroup/b', 'cart_test.go:5', 'cart_test.go:<line>: boom'],
      ['acme/pay/cart.TestGroup', '', ''],
    ],
  ],
  [
    'playwright',
    'playwright',
    [3, 4, 8],
    [
      [
        'tests/cart.spec.ts > cart › totals',
        'tests/cart.spec.ts:9',
        'Error: expect(received).toBe(expected) // Object.is equality\nExpected: 4\nReceived: 5',
      ],
      [
        'tests/cart.spec.ts > cart › should fail but does not',
        'tests/cart.spec.ts:14',
        'Expected to fail, but passed.',
      ],
      ['tests/cart.spec.ts > cart › slow', 'tests/cart.spec.ts:15', 'Test timeout of <duration> exceeded.'],
      ['tests/cart.spec.ts > cart › deep › er', 'tests/cart.spec.ts:16', 'Error: boom 5'],
    ],
  ],
  [
    'node',
    'tap',
    [2, 3, 7],
    [
      [
        'cart > totals',
        '/srv/app/a.test.mjs:2',
        'AssertionError: Expected values to be strictly equal:\n5 !== 4\ncode: ERR_ASSERTION\nexpected: 4\nactual: 5\noperator: strictEqual',
      ],
      ['parent > child', '/srv/app/a.test.mjs:3', 'TypeError: boom\ncode: ERR_TEST_FAILURE'],
      [
        'own',
        '/srv/app/a.test.mjs:4',
        'AssertionError: Expected values to be strictly deep-equal:\n+ actual - expected\n{\n+ a: 1\n- a: 2\n}\ncode: ERR_ASSERTION\nexpected: {"a":2}\nactual: {"a":1}\noperator: deepStrictEqual',
      ],
    ],
  ],
])('the report %s gives counts, and id, place and message of each failing test', (name, format, counts, failing) => {
  const { class: kind, passed, failed, total, failures, essence, unread, ...found } = judged(name);
  expect([kind, found.format, unread]).toEqual(['test_failure', format, []]);
  expect([passed, failed, total]).toEqual(counts);
  expect(failures.map(({ id, where }) => [id, where])).toEqual(failing.map((each) => each.slice(0, 2)));
  expect(essence).toBe(
    failing
      .map(([id, , message]) => `${id}\t${message}`)
      .toSorted()
      .join('\n'),
  );
});

test.each([
  ['pytest-json', 'pytest-console'],
  ['pytest-log', 'pytest-console'],
  ['pytest-broken-json', 'pytest-broken-console'],
  ['pytest-broken-log', 'pytest-broken-console'],
  ['playwright', 'playwright-console'],
  ['playwright-broken', 'playwright-broken-console'],
  ['go', 'go-console'],
  ['go-broken', 'go-broken-console'],
  ['node-broken', 'node-broken-console'],
])('the failure in the report %s has the fingerprint that it has on the console', (report, console) => {
  const [one, other] = [judged(report), printed(console)];
  expect([one.class, one.fingerprint]).toEqual([other.class, other.fingerprint]);
  expect(one.fingerprint).toHaveLength(32);
});

test('a report decides alike in a file and on the console, where the format is the same', () => {
  for (const name of ['go', 'go-broken', 'node', 'node-broken'])
    expect(printed(name)).toMatchObject({ class: judged(name).class, fingerprint: judged(name).fingerprint });
});

test('what could not be loaded is a compile error, and a suite without tests is none', () => {
  const broken = ['pytest-broken-json', 'pytest-broken-log', 'playwright-broken', 'go-broken', 'node-broken'];
  expect(broken.map((name) => judged(name).class)).toEqual(broken.map(() => 'compile_error'));
  expect(judged('pytest-none-json')).toMatchObject({ class: 'no_tests', passed: 0, total: 0 });
});

test('each test has its duration and its attachments, those of JUnit from the folder of the report on', () => {
  const [json, junit] = [read(text('playwright')), read(text('playwright-junit'), 'out/report.xml')];
  const total = json.cases.find(({ id }) => id.endsWith('totals'));
  expect([total?.seconds, total?.attachments?.map(({ name }) => name)]).toEqual([
    0.037,
    ['screenshot', 'error-context', 'screenshot', 'error-context'],
  ]);
  const paths = (report: Report): unknown =>
    report.cases.map(({ attachments = [] }) => attachments.map((each) => each.path.replace('/srv/app/', '')));
  expect(paths(json)).toEqual(paths(junit));
  const property = `<testsuite><testcase name="a"><properties><property name="attachment" value="/srv/app/a.png"/><property name="x" value="y"/></properties></testcase></testsuite>`;
  expect(read(property, 'out/report.xml').cases[0]?.attachments).toEqual([{ name: 'a.png', path: '/srv/app/a.png' }]);
});

test("what a runner's own retry made pass is a flake", () => {
  expect(judged('playwright').flakes).toEqual(['tests/cart.spec.ts > cart › flaky one']);
  const surefire = `<testsuite><testcase classname="a.B" name="c"><flakyFailure message="no">at x</flakyFailure></testcase><testcase classname="a.B" name="d"><failure/><rerunFailure/></testcase></testsuite>`;
  expect(judge({ output: '', exitCode: 1, reports: [{ name: 'r', text: surefire }] })).toMatchObject({
    passed: 1,
    failed: 1,
    flakes: ['a.B > c'],
  });
});

test('a test that is still to do is no failure, in TAP as in JUnit', () => {
  const results = (name: string): unknown =>
    read(text(name))
      .cases.map(({ id, result }) => `${id} ${result}`)
      .toSorted();
  expect(results('node')).toEqual(results('node-junit'));
  expect(results('node')).toContain('cart > todo skipped');
});

test("a package of Go that fails without a failing test is a failing test itself, and the runner's own limit is a time-out", () => {
  const events = (...given: object[]): string => given.map((event) => JSON.stringify(event)).join('\n');
  const said = { Action: 'output', Package: 'a/b', Output: 'setup: no database\n' };
  const red = events({ Action: 'start', Package: 'a/b' }, said, { Action: 'fail', Package: 'a/b', Elapsed: 1.5 });
  expect(read(red).cases).toEqual([
    { id: 'a/b', result: 'failed', message: 'setup: no database', where: '', seconds: 1.5 },
  ]);
  const limit = { Action: 'output', Package: 'a/b', Test: 'TestX', Output: 'panic: test timed out after 1s\n' };
  const late = events({ Action: 'run', Package: 'a/b', Test: 'TestX' }, limit, {
    Action: 'fail',
    Package: 'a/b',
    Test: 'TestX',
  });
  expect(judge({ output: '', exitCode: 1, reports: [{ name: 'r', text: late }] }).class).toBe('timeout');
});

test('several reports are one: shards add up, whatever their formats', () => {
  const reports = ['playwright', 'node', 'go'].map((name) => ({ name, text: text(name) }));
  const { passed, failed, total, failures } = judge({ output: '', exitCode: 1, reports });
  expect([passed, failed, total, failures.length]).toEqual([3 + 2 + 2, 4 + 3 + 3, 8 + 7 + 6, 10]);
});

test('in several projects of Playwright a test has an id for each', () => {
  const report: { config: { projects: unknown[] } } = JSON.parse(text('playwright'));
  report.config.projects.push({ name: 'two' });
  expect(read(JSON.stringify(report)).cases[0]?.id).toBe('tests/cart.spec.ts > cart › adds @AC-1 [one]');
});
