import { cp } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { processes } from '../../../activities/environments/process/provider.ts';
import { listEnvironments } from '../../../activities/environments/process/record.ts';
import { combine } from '../../../activities/gates/combine.ts';
import type { Verdict } from '../../../activities/gates/combine.ts';
import { runGateCommand } from '../../../activities/gates/command.ts';
import type { CommandVerdict } from '../../../activities/gates/command.ts';
import type { Io } from '../../../activities/io.ts';
import { prepareShop } from '../../../examples/prepare.ts';
import { temporaryFolder } from '../../support/folder.ts';
import { projectIn } from '../../support/product.ts';
import { git, gitHost } from '../../support/repository.ts';

const io: Io = { signal: new AbortController().signal, progress: () => undefined };
const PATH = process.env['PATH'] ?? '';

interface Shown {
  readonly checks: Verdict;
  readonly e2e: CommandVerdict;
}

/** The shop with the work of these attempts in it: its checks, and its end-to-end suite against the running system. */
async function judgeShop(attempts: readonly number[]): Promise<Shown> {
  const folder = await temporaryFolder();
  await prepareShop(folder);
  const project = await projectIn(folder);
  const work = path.join(folder, 'work');
  for (const { key, url } of project.repositories) git(folder, 'clone', '--quiet', url, path.join(work, key));
  for (const attempt of attempts) await cp(path.join(folder, 'attempts', String(attempt)), work, { recursive: true });
  const run = (repository: string, name: string, more: { run: string; reports: readonly string[] }, variables = {}) =>
    runGateCommand(
      {
        name: `${repository}:${name}`,
        ...more,
        directory: path.join(work, repository),
        redact: (text) => text,
        environment: { PATH, HOME: path.join(folder, 'home'), ...variables },
        seconds: 60,
        keep: path.join(folder, 'keep'),
      },
      io,
    );
  const verdicts = [];
  for (const { key, checks } of project.repositories)
    for (const check of checks) verdicts.push(await run(key, check.name, check));
  const provider = processes({ stateHome: folder, environment: { PATH }, git: gitHost(folder) });
  const services = project.repositories.map(({ key, start = '', health }) => ({
    key,
    start,
    health,
    directory: path.join(work, key),
  }));
  const { variables } = await provider.deploy(
    { name: 'shop', owner: 'test', commits: {}, directories: {}, services, healthSeconds: 30 },
    io,
  );
  try {
    const { repository, run: suite, reports } = project.e2e ?? {};
    if (repository === undefined || suite === undefined || reports === undefined)
      throw new Error('the shop has no end-to-end suite');
    return { checks: combine(verdicts), e2e: await run(repository, 'e2e', { run: suite, reports }, variables) };
  } finally {
    await provider.destroy('shop', io);
    expect(await listEnvironments(folder)).toEqual([]);
  }
}

test('the shop as it is passes its unit tests and its end-to-end tests', async () => {
  const { checks, e2e } = await judgeShop([]);
  expect([checks.result, checks.tests]).toEqual(['passed', { passed: 8, failed: 0, total: 8 }]);
  expect([e2e.result, e2e.tests]).toEqual(['passed', { passed: 3, failed: 0, total: 3 }]);
});

test("the first attempt passes all unit tests, also its own, and fails where the two sides' units of money meet", async () => {
  const { checks, e2e } = await judgeShop([1]);
  expect([checks.result, checks.tests]).toEqual(['passed', { passed: 13, failed: 0, total: 13 }]);
  expect([e2e.result, e2e.tests, e2e.failureClass]).toEqual([
    'failed',
    { passed: 5, failed: 2, total: 7 },
    'test_failure',
  ]);
  expect(e2e.findings.map(({ id }) => id)).toEqual([
    'web:e2e:a gift card pays its value',
    'web:e2e:a gift card that is worth more than the basket pays the basket',
  ]);
});

test('the second attempt is right', async () => {
  const { checks, e2e } = await judgeShop([1, 2]);
  expect([checks.result, checks.tests]).toEqual(['passed', { passed: 14, failed: 0, total: 14 }]);
  expect([e2e.result, e2e.tests]).toEqual(['passed', { passed: 7, failed: 0, total: 7 }]);
});
