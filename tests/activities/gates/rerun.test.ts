import path from 'node:path';
import { writeFile } from 'node:fs/promises';
import { expect, test } from '@jest/globals';
import { runGateCommand } from '../../../activities/gates/command.ts';
import type { CommandVerdict } from '../../../activities/gates/command.ts';
import { confirm } from '../../../activities/gates/rerun.ts';
import { temporaryFolder } from '../../support/folder.ts';

const io = { signal: new AbortController().signal, progress: () => undefined };

/** A suite of the tests a to g; `reds` says which of them fail in each run. */
async function suite(
  reds: readonly (readonly string[])[],
  reruns: number,
): Promise<{ verdict: CommandVerdict; runs: number }> {
  const folder = await temporaryFolder();
  let runs = 0;
  const run = async (round: number): Promise<CommandVerdict> => {
    runs += 1;
    const failing = reds[round] ?? [];
    const cases = ['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((name) =>
      failing.includes(name)
        ? `<testcase name="${name}"><failure message="expected 4, got 5 and nothing else"/></testcase>`
        : `<testcase name="${name}"/>`,
    );
    await writeFile(path.join(folder, 'next.xml'), `<testsuite name="s">${cases.join('')}</testsuite>`);
    return runGateCommand(
      {
        name: 'web:e2e',
        run: `cp next.xml report.xml; exit ${failing.length > 0 ? 1 : 0}`,
        reports: ['report.xml'],
        directory: folder,
        redact: (text) => text,
        environment: { PATH: process.env['PATH'] ?? '' },
        seconds: 20,
        keep: path.join(folder, `keep-${round}`),
      },
      io,
    );
  };
  return { verdict: await confirm(await run(0), { reruns, again: run }), runs: runs };
}

const flake = (name: string, failed: number): object => ({
  id: `web:e2e:s > ${name}`,
  rate: { failed, runs: failed + 1 },
});

test.each<[string, string[][], number, unknown]>([
  ['green at once', [[]], 1, ['passed', [], undefined, 1]],
  ['red twice', [['a'], ['a']], 1, ['failed', ['web:e2e:s > a'], undefined, 2]],
  ['red, then green', [['a'], []], 1, ['passed', [], [flake('a', 1)], 2]],
  ['one flake beside a real failure', [['a', 'b'], ['b']], 1, ['failed', ['web:e2e:s > b'], [flake('a', 1)], 2]],
  ['others red than before', [['a'], ['b']], 1, ['failed', ['web:e2e:s > a'], undefined, 2]],
  [
    'two reruns to get rid of two flakes',
    [['a', 'b'], ['b'], []],
    2,
    ['passed', [], [flake('a', 1), flake('b', 2)], 3],
  ],
  ['no reruns wanted', [['a'], []], 0, ['failed', ['web:e2e:s > a'], undefined, 1]],
])('a suite that is %s', async (_, reds, reruns, expected) => {
  const { verdict, runs } = await suite(reds, reruns);
  expect([verdict.result, verdict.findings.map(({ id }) => id), verdict.flakes, runs]).toEqual(expected);
  expect(verdict.files.length).toBe(2 * runs);
});

test('five failing tests run again and may all be flakes, six are no coincidence: they fail without a second run', async () => {
  const five = ['a', 'b', 'c', 'd', 'e'];
  const { verdict: again, runs: twice } = await suite([five, []], 1);
  expect([again.result, again.findings, again.flakes, twice]).toEqual([
    'passed',
    [],
    five.map((name) => flake(name, 1)),
    2,
  ]);
  const six = [...five, 'f'];
  const { verdict, runs } = await suite([six, []], 3);
  const ids = six.map((name) => `web:e2e:s > ${name}`);
  expect([verdict.result, verdict.findings.map(({ id }) => id), verdict.flakes, runs]).toEqual([
    'failed',
    ids,
    undefined,
    1,
  ]);
});
