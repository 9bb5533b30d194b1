import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile, readdir } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { Interruption } from '../../../activities/io.ts';
import { startTimeOf } from '../../../activities/process/identity.ts';
import { MARKER } from '../../../activities/process/marked.ts';
import { NODE_TEST, nodeTests, scene } from './scene.ts';

const FINGERPRINT = expect.stringMatching(/^[0-9a-f]{32}$/);
const PASSED = { result: 'passed', why: '', failureClass: null, fingerprint: '', findings: [], excerpt: '' };

test('a command without a report counts as one examined thing, and its exit code decides', async () => {
  const { run, keep } = await scene();
  const files = [path.join(keep, 'api-unit.log')];
  expect(await run({ run: 'echo fine' })).toEqual({ name: 'api:unit', ...PASSED, examined: 1, tests: null, files });
  const why = 'exit code 3: wrong indentation';
  expect(await run({ run: 'echo linting; echo wrong indentation >&2; exit 3' })).toEqual({
    name: 'api:unit',
    result: 'failed',
    examined: 1,
    tests: null,
    why: `api:unit: ${why}`,
    failureClass: 'test_failure',
    fingerprint: FINGERPRINT,
    findings: [
      {
        id: 'api:unit',
        severity: 'high',
        where: 'api:unit',
        title: why,
        evidence: `${why}\nlinting\nwrong indentation`,
      },
    ],
    excerpt: 'linting\nwrong indentation\n',
    files,
  });
});

test('a real test run is counted from its report, and each red test is a finding', async () => {
  const { run, keep } = await scene({
    'package.json': '{ "type": "module" }',
    'a.test.js': nodeTests({ 'adds up': [2, 2], 'is off by one': [5, 4], 'is way off': [9, 1] }),
  });
  const verdict = await run({ run: `${NODE_TEST} a.test.js`, reports: ['reports/*.xml'] });
  expect(verdict).toMatchObject({
    result: 'failed',
    examined: 3,
    tests: { passed: 1, failed: 2, total: 3 },
    why: 'api:unit: 2 tests failed, first is off by one',
    failureClass: 'test_failure',
    fingerprint: FINGERPRINT,
    files: [path.join(keep, 'api-unit.log'), path.join(keep, 'api-unit-reports-unit.xml')],
  });
  const found = verdict.findings.map(({ id, where, evidence, seconds = -1 }) => [
    ...[id, where, evidence.includes('!=='), seconds > 0],
  ]);
  expect(found).toEqual([
    ['api:unit:is off by one', 'api:a.test.js', true, true],
    ['api:unit:is way off', 'api:a.test.js', true, true],
  ]);
});

test('the same failure has the same fingerprint in every worktree, and another one has another', async () => {
  const fingerprints = [];
  for (const [worktree, actual] of [
    ['candidate-1/api', 5],
    ['candidate-2/api', 5],
    ['candidate-3/api', 6],
  ] as const) {
    const { run, directory } = await scene(
      { 'package.json': '{ "type": "module" }', 'a.test.js': nodeTests({ 'adds up': [actual, 4] }) },
      worktree,
    );
    const verdict = await run({ run: `${NODE_TEST} a.test.js`, reports: ['reports/unit.xml'] });
    expect(JSON.stringify([verdict.findings, verdict.excerpt])).not.toContain(directory);
    fingerprints.push(verdict.fingerprint);
  }
  expect(fingerprints[1]).toBe(fingerprints[0]);
  expect(fingerprints[2]).not.toBe(fingerprints[0]);
});

test('what a command says about its worktree reads the same wherever the worktree stands', async () => {
  const verdicts = [];
  for (const attempt of [1, 2]) {
    const { run } = await scene({}, `candidate-${attempt}/api`);
    const verdict = await run({ run: 'echo "$PWD/src/a.c: no semicolon, see file://$PWD/b.c" && exit 1' });
    verdicts.push({ ...verdict, files: [] });
  }
  expect(verdicts[0]).toMatchObject({
    why: 'api:unit: exit code 1: src/a.c: no semicolon, see b.c',
    excerpt: 'src/a.c: no semicolon, see b.c\n',
  });
  expect(verdicts[1]).toEqual(verdicts[0]);
});

test('a tool that is not there is infrastructure: nothing ran', async () => {
  const { run } = await scene();
  expect(await run({ run: 'no-such-tool --check' })).toMatchObject({
    result: 'not_run',
    examined: 0,
    failureClass: 'infra',
    why: expect.stringContaining('no-such-tool'),
  });
});

test('a command that does not end in time is killed with its descendants, and what it printed is kept', async () => {
  const { run, directory } = await scene();
  const verdict = await run({ run: 'echo begun; setsid sleep 300 & echo $! >pid; sleep 300', seconds: 1 });
  expect(verdict).toMatchObject({ result: 'failed', failureClass: 'timeout', excerpt: 'begun\n' });
  expect(await startTimeOf(Number(await readFile(path.join(directory, 'pid'), 'utf8')))).toBeUndefined();
  expect(await readFile(verdict.files[0] ?? '', 'utf8')).toBe('begun\n');
});

test('no process that a command left in the background outlives it', async () => {
  const { run, directory } = await scene();
  const verdict = await run({ run: 'setsid sleep 300 & echo $! >pid; sleep 0.3; echo done; exit 4' });
  expect([verdict.why, verdict.excerpt]).toEqual(['api:unit: exit code 4: done', 'done\n']);
  expect(await startTimeOf(Number(await readFile(path.join(directory, 'pid'), 'utf8')))).toBeUndefined();
});

test('what a killed worker left of an earlier try is ended first', async () => {
  const here = await scene();
  const module = path.resolve(import.meta.dirname, '../../../activities/gates/command.ts');
  const environment = { PATH: process.env['PATH'] ?? '' };
  const order = { name: 'api:unit', run: 'echo $$ >pid; sleep 300', reports: [], seconds: 600, environment };
  const code = `
    import { runGateCommand } from ${JSON.stringify(module)};
    const command = ${JSON.stringify({ ...order, directory: here.directory, keep: here.keep })};
    await runGateCommand(command, { signal: new AbortController().signal, progress() {} });`;
  const worker = spawn(process.execPath, ['--input-type=module', '--eval', code], { stdio: 'ignore' });
  const dead = new Promise((resolve) => worker.once('exit', resolve));
  const file = path.join(here.directory, 'pid');
  while (!existsSync(file) || (await readFile(file, 'utf8')) === '') await wait(20);
  const pid = Number(await readFile(file, 'utf8'));
  worker.kill('SIGKILL');
  await dead;
  expect(await startTimeOf(pid)).toEqual(expect.any(String));
  expect((await here.run({ run: 'true' })).result).toBe('passed');
  expect(await startTimeOf(pid)).toBeUndefined();
});

test('an interruption ends the command with its descendants and is thrown as it is', async () => {
  const { run, directory } = await scene();
  const controller = new AbortController();
  const ended = run(
    { run: 'setsid sleep 300 & echo $! >pid; sleep 0.3; echo ready >ready; sleep 300' },
    controller.signal,
  ).catch((e: unknown) => e);
  const pid = async (): Promise<number> => Number(await readFile(path.join(directory, 'pid'), 'utf8'));
  while (!existsSync(path.join(directory, 'ready'))) await wait(20);
  controller.abort(new Interruption('stop'));
  expect(await ended).toBe(controller.signal.reason);
  expect(await startTimeOf(await pid())).toBeUndefined();
});

test('a command gets what it is given and CI, nothing of the host', async () => {
  process.env['CANARY_TOKEN'] = 'canary';
  const { run, folder } = await scene();
  const environment = { PATH: process.env['PATH'] ?? '', HOME: path.join(folder, 'home'), API_URL: 'http://api' };
  const verdict = await run({ run: 'ls -d "$HOME" && env', environment });
  delete process.env['CANARY_TOKEN'];
  const [home, ...lines] = (await readFile(verdict.files[0] ?? '', 'utf8')).trim().split('\n');
  expect(home).toBe(environment.HOME);
  const names = lines
    .map((line) => line.split('=')[0] ?? '')
    .filter((name) => !['PWD', 'OLDPWD', 'SHLVL', '_'].includes(name));
  expect(names.toSorted()).toEqual(['API_URL', 'CI', 'HOME', 'PATH', MARKER]);
});

test('findings, messages and excerpts are cut, and the kept log is whole', async () => {
  const { run, keep } = await scene();
  const verdict = await run({ run: `node -e "console.log('\\x1b[31m' + 'x'.repeat(9000) + ' the end')"; exit 1` });
  expect(verdict.excerpt).toHaveLength(4000);
  expect(verdict.excerpt.endsWith('xx the end\n')).toBe(true);
  expect(verdict.findings[0]?.evidence.length).toBeLessThanOrEqual(1000);
  expect((await readFile(path.join(keep, 'api-unit.log'), 'utf8')).length).toBeGreaterThan(9000);
  expect(await readdir(keep)).toEqual(['api-unit.log']);
});
