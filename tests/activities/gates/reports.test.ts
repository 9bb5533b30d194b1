import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { junit, scene } from './scene.ts';

const REPORT = 'reports/unit.xml';
const green = junit({ a: true, b: true });

test('a report that the command did not write itself never counts', async () => {
  const { run } = await scene({ [REPORT]: green });
  expect(await run({ run: 'true', reports: [REPORT] })).toMatchObject({
    result: 'not_run',
    examined: 0,
    tests: null,
    why: 'api:unit: the command succeeded but it wrote no report (reports/unit.xml)',
    failureClass: 'no_tests',
  });
});

test.each([
  ['empty', junit({})],
  ['of skipped tests only', junit({ a: null, b: null })],
  ['that is cut off', green.slice(0, -30)],
  ['of no known kind', 'all good, believe me'],
])('a report %s is not a pass', async (_kind, text) => {
  const { run, directory } = await scene();
  await writeFile(path.join(directory, 'text'), text);
  const verdict = await run({ run: `mkdir -p reports && cp text ${REPORT}`, reports: [REPORT] });
  expect(verdict).toMatchObject({ result: 'not_run', examined: 0, failureClass: 'no_tests' });
});

test('several reports by glob are counted together and all kept, also where their names are alike', async () => {
  const { run, keep } = await scene({
    'one.txt': junit({ a: true, b: null }),
    'two.txt': junit({ c: true, d: true }),
  });
  const command = 'for p in one two; do mkdir -p packages/$p/reports && cp $p.txt packages/$p/reports/junit.xml; done';
  const verdict = await run({ run: command, reports: ['packages/*/reports/*.xml'] });
  expect(verdict).toEqual({
    name: 'api:unit',
    result: 'passed',
    examined: 3,
    tests: { passed: 3, failed: 0, total: 4 },
    why: '',
    failureClass: null,
    fingerprint: '',
    findings: [],
    excerpt: '',
    files: ['.log', '-packages-one-reports-junit.xml', '-packages-two-reports-junit.xml'].map((end) =>
      path.join(keep, `api-unit${end}`),
    ),
  });
  expect(await readFile(verdict.files[2] ?? '', 'utf8')).toBe(junit({ c: true, d: true }));
});

test('of very many reports all are counted and the kept files stay few', async () => {
  const { run } = await scene({ 'one.txt': junit({ a: true }) });
  const command = 'mkdir -p reports && for n in $(seq 10 60); do cp one.txt reports/$n.xml; done';
  const verdict = await run({ run: command, reports: ['reports/*.xml'] });
  expect([verdict.result, verdict.examined, verdict.files.length]).toEqual(['passed', 51, 12]);
  expect((await readFile(verdict.files.at(-1) ?? '', 'utf8')).match(/^== reports\//gm)).toHaveLength(41);
});

test('a red report decides even when the command says that all is well', async () => {
  const { run } = await scene({ text: junit({ a: true, b: 'expected 4, got 5' }) });
  expect(await run({ run: `mkdir reports; cp text ${REPORT}; exit 0`, reports: [REPORT] })).toMatchObject({
    result: 'failed',
    examined: 2,
    failureClass: 'test_failure',
    findings: [{ id: 'api:unit:unit > b', where: 'api:unit', evidence: 'expected 4, got 5' }],
  });
});

test('a green report does not help a command that failed', async () => {
  const { run } = await scene({ text: green });
  const command = `mkdir reports; cp text ${REPORT}; echo coverage below 80 %; exit 1`;
  expect(await run({ run: command, reports: [REPORT] })).toMatchObject({
    result: 'failed',
    examined: 2,
    tests: { passed: 2, failed: 0, total: 2 },
    why: 'api:unit: exit code 1: coverage below 80 %',
    findings: [{ id: 'api:unit', title: 'exit code 1: coverage below 80 %' }],
  });
});

test('links and patterns that lead out of the worktree are neither removed nor read', async () => {
  const { run, folder, directory } = await scene();
  const secret = path.join(folder, 'elsewhere', 'unit.xml');
  await mkdir(path.dirname(secret));
  await writeFile(secret, green);
  await symlink(path.dirname(secret), path.join(directory, 'reports'));
  await symlink(secret, path.join(directory, 'linked.xml'));
  const reports = [REPORT, 'linked.xml', '../elsewhere/*.xml', secret];
  const verdict = await run({ run: 'true', reports });
  expect([verdict.result, verdict.files.length]).toEqual(['not_run', 1]);
  expect(await readFile(secret, 'utf8')).toBe(green);
});

test('a folder that a pattern matches is left alone', async () => {
  const { run, directory } = await scene({ 'reports/old/kept.txt': 'kept', text: green });
  const verdict = await run({ run: `cp text ${REPORT}`, reports: ['reports/*'] });
  expect([verdict.result, verdict.examined]).toEqual(['passed', 2]);
  expect(await readFile(path.join(directory, 'reports/old/kept.txt'), 'utf8')).toBe('kept');
});

test.each([
  ['tap', 'TAP version 13\nok 1 - a\nok 2 - b # SKIP later\n1..2\n', 1],
  ['json', '{"summary":{},"tests":[{"nodeid":"a.py::a","call":{"outcome":"passed"}}]}', 1],
  ['jsonl', '{"Action":"pass","Package":"a","Test":"TestA"}\n{"Action":"pass","Package":"a"}\n', 1],
])('a report in %s counts like one in JUnit XML', async (end, text, examined) => {
  const { run } = await scene({ text });
  const verdict = await run({ run: `cp text report.${end}`, reports: [`report.${end}`] });
  expect([verdict.result, verdict.examined, verdict.why]).toEqual(['passed', examined, '']);
});

test('a report that cannot be read is named with the reason, whether the command succeeded or not', async () => {
  const { run } = await scene({ text: '{"suites": [' });
  const why = 'the report out.json is JSON that is broken or cut off';
  expect(await run({ run: 'cp text out.json', reports: ['out.json'] })).toMatchObject({
    result: 'not_run',
    why: `api:unit: the command succeeded but ${why}`,
  });
  expect(await run({ run: 'cp text out.json; echo "1 failed"; exit 1', reports: ['out.json'] })).toMatchObject({
    result: 'failed',
    why: `api:unit: exit code 1: 1 failed (${why})`,
  });
});

test("what the runner's own retry made pass is told as a flake of a command that passed", async () => {
  const text = '<testsuite><testcase name="a"><flakyFailure/></testcase><testcase name="b"/></testsuite>';
  const { run } = await scene({ text });
  const verdict = await run({ run: 'cp text out.xml', reports: ['out.xml'] });
  expect([verdict.result, verdict.examined, verdict.flakes]).toEqual(['passed', 2, [{ id: 'api:unit:a' }]]);
});

test('a report that is too large is not read, and that is said', async () => {
  const { run, keep } = await scene();
  const verdict = await run({ run: 'truncate -s 33M out.xml', reports: ['out.xml'] });
  expect(verdict.why).toBe('api:unit: the command succeeded but the report out.xml is larger than 32 MB');
  expect(verdict.files).toEqual([path.join(keep, 'api-unit.log')]);
});
