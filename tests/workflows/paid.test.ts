import { execFileSync } from 'node:child_process';
import { readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import type { WorkflowHandle } from '@temporalio/client';
import { mirrorFolder } from '../../activities/git/host.ts';
import { budgetIdOf } from '../../domain/ids.ts';
import { account, answer } from '../../workflows/contract.ts';
import { played } from '../support/played.ts';
import { shows, suiteProject } from '../support/suite.ts';
import type { Step } from '../support/suite.ts';
import { artifactsOf, promptOf, stageOfFile } from '../support/whole-runs.ts';

const stage = stageOfFile('paid');

const PAYS: Step = { spend: { usd: 1.5, tokens: 10 } };
// Steps that reach beyond the session's folder.
const OPEN = { sandbox: 'none' };
const RED = shows({ passing: 1, failing: { a: 'one' } });
const GREEN = shows({ passing: 3 });

const mirrorOf = (workId: string): string =>
  mirrorFolder(
    { home: stage.product.home, path: '', identity: { name: '', email: '' } },
    path.join(stage.root, workId, 'api.git'),
  );
/** The step that takes the mirror of a run's repository away. */
const takesMirrorAway = (workId: string): Step => ({ run: `rm -rf '${mirrorOf(workId)}'` });
/** The step after which the session's transcript cannot be kept until that folder is gone. */
const blocksTranscript = (workId: string, session: string): Step => ({
  run: `mkdir "$(dirname "$(ls -d ${stage.product.home}/artifacts/*${workId}*/${session}/prompt.md)")/transcript.jsonl"`,
});

/** The highest number of tries of an activity that is under way. */
async function triesOf(handle: Pick<WorkflowHandle, 'describe'>): Promise<number> {
  const { raw } = await handle.describe();
  return Math.max(0, ...(raw.pendingActivities ?? []).map(({ attempt }) => attempt ?? 0));
}

async function booked(project: string): Promise<readonly unknown[]> {
  const { entries } = await stage.product.server.client.workflow.getHandle(budgetIdOf(project)).query(account);
  return Object.values(entries).map(({ spent }) => spent);
}

test('a session that removes its folder is an attempt that is paid, the next one is told, and both use the budget up', async () => {
  const leaves: Step = { run: 'cd .. && rm -rf api' };
  const { run } = await played(stage, 'GONE', {
    attempts: [
      [PAYS, leaves],
      [PAYS, leaves],
    ],
    file: OPEN,
    limits: { usd: 2 },
  });
  const why = 'the agent removed or moved its folder api: nothing of it could be committed';
  expect(run.attempts.map(({ implementation }) => [implementation.changed, implementation.usd])).toEqual([
    [[], 1.5],
    [[], 1.5],
  ]);
  expect(run.attempts[0]?.implementation).toMatchObject({ end: 'contract_violation', why });
  expect(run.attempts[0]?.implementation.commits).toEqual({ api: run.repositories[0]?.baseCommit });
  expect([run.usd, run.escalation?.trip]).toEqual([
    3,
    { reason: 'budget', why: "spent $3.00 of the run's $2.00 (developer $3.00)" },
  ]);
  expect(await promptOf(stage, 'GONE', 'implement-2')).toContain(`The session ended contract_violation: ${why}`);
}, 60_000);

test("what a session has spent is charged to the run and the project's budget when its work cannot be kept", async () => {
  const state = path.join(stage.root, 'KEPT', 'state.git');
  const { project, text } = await suiteProject(stage, 'KEPT', {
    attempts: [[GREEN, PAYS, { run: `rm -rf ${state}` }]],
    file: { ...OPEN, state: './state.git', project: 'kept' },
    limits: { usd: 1.5, project_usd: 5 },
  });
  execFileSync('git', ['init', '--quiet', '--bare', state]);
  const handle = await stage.product.start({ project, text, workId: 'KEPT' });
  const run = await stage.product.settled('KEPT', 'kept');
  expect([run.attempts, run.usd, run.tokens, run.escalation?.trip]).toEqual([
    [],
    1.5,
    10,
    { reason: 'infrastructure', why: expect.stringMatching(/^implement: .*state\.git is not a git repository/) },
  ]);
  expect(await booked('kept')).toEqual([{ usd: 1.5, tokens: 10 }]);
  await expect(handle.executeUpdate(answer, { args: [{ decision: 'retry' }] })).rejects.toThrow();
  await handle.executeUpdate(answer, { args: [{ decision: 'abort' }] });
  await handle.result();
}, 60_000);

test('a session that is read again because its work could not be kept at first is charged once', async () => {
  const { project, text } = await suiteProject(stage, 'AGAIN', {
    attempts: [[GREEN, PAYS, blocksTranscript('AGAIN', 'implement-1')]],
    file: { ...OPEN, project: 'again' },
    limits: { project_usd: 5 },
  });
  const handle = await stage.product.start({ project, text, workId: 'AGAIN' });
  while ((await triesOf(handle)) < 3) await wait(100);
  expect(await booked('again')).toEqual([{ usd: 1.5, tokens: 10 }]);
  await rm(path.join(await artifactsOf(stage, 'AGAIN'), 'implement-1', 'transcript.jsonl'), { recursive: true });
  const run = await handle.result();
  expect([run.ending, run.attempts.length, run.usd, run.tokens]).toEqual(['completed', 1, 1.5, 10]);
  expect(await booked('again')).toEqual([{ usd: 1.5, tokens: 10 }]);
}, 60_000);

test('what a session has spent is charged, too, when the last try fails before it comes to the session', async () => {
  const { folder, project, text } = await suiteProject(stage, 'EARLY', {
    attempts: [[GREEN, PAYS, blocksTranscript('EARLY', 'implement-1')]],
    file: OPEN,
  });
  const handle = await stage.product.start({ project, text, workId: 'EARLY' });
  while ((await triesOf(handle)) < 3) await wait(100);
  const runs = path.join(stage.product.home, 'runs');
  const own = (await readdir(runs)).find((name) => name.includes('EARLY')) ?? 'none';
  await rm(path.join(folder, 'api.git'), { recursive: true });
  await rm(mirrorOf('EARLY'), { recursive: true });
  await rm(path.join(runs, own, 'implement-1.ready'));
  const run = await stage.product.settled('EARLY');
  expect([run.attempts, run.usd, run.escalation?.trip]).toEqual([
    [],
    1.5,
    { reason: 'infrastructure', why: expect.stringMatching(/^implement: .*api\.git/) },
  ]);
  await handle.executeUpdate(answer, { args: [{ decision: 'abort' }] });
  await handle.result();
}, 60_000);

const evidence = [{ source: 'api/cases.json', quote: '"failing":{"a":"one"}' }];
const claims: Step = { hypothesis: { claim: 'It cannot count', kind: 'bug', proposal: 'Count', evidence } };

test('a debugger that removes its folder is paid, and its claims are weighed', async () => {
  const { run } = await played(stage, 'LEAVES', {
    attempts: [[RED], [GREEN]],
    diagnoses: [[PAYS, claims, { run: 'rm -rf ../diagnose-1' }]],
    file: OPEN,
  });
  const standings = run.attempts[0]?.diagnosis?.hypotheses.map(({ standing }) => standing);
  expect([run.ending, run.usd, standings]).toEqual(['completed', 1.5, ['confirmed']]);
}, 60_000);

test('what a debugger has spent is charged when its claims cannot be weighed', async () => {
  const { run } = await played(stage, 'WEIGHED', {
    attempts: [[RED]],
    diagnoses: [[PAYS, claims, takesMirrorAway('WEIGHED')]],
    file: OPEN,
  });
  expect([run.attempts[0]?.diagnosis, run.usd, run.escalation?.trip, run.escalation?.back]).toEqual([
    undefined,
    1.5,
    { reason: 'infrastructure', why: expect.stringMatching(/^diagnose: /) },
    { at: 'diagnose' },
  ]);
}, 60_000);
