import { readFile, readdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { WorkflowFailedError, WorkflowUpdateFailedError } from '@temporalio/client';
import { findMarked } from '../../activities/process/marked.ts';
import { answer, answerSignal } from '../../workflows/contract.ts';
import { git } from '../support/repository.ts';
import { promptOf, shop, stageOfFile } from '../support/whole-runs.ts';
import type { Scene } from '../support/whole-runs.ts';

const stage = stageOfFile('deliver');
const scene = (name: string, script?: string): Promise<Scene> =>
  shop(stage, name, script === undefined ? {} : { script });

const branches = (folder: string, name: string): string =>
  git(
    path.join(folder, `${name}.git`),
    'for-each-ref',
    '--format=%(refname:short) %(objectname)',
    'refs/heads/spec-to-pr',
  );
const NEVER_PASSES = (n: number): string =>
  `attempts: [${Array.from({ length: n }, (_, i) => `{ steps: [{ write: { file: api/test/new.test.js, content: "import { test } from 'node:test'; test('t${i}', () => { throw new Error('broken in way ${'abcdefgh'[i]}'); });${"\\ntest('ok', () => {});".repeat(i * 3)}" } }] }`).join(', ')}]`;

test('a spec becomes two pull requests whose heads are the commits that the end-to-end tests passed on', async () => {
  const { folder, project, text } = await scene('happy');
  const handle = await stage.product.start({ project, text, workId: 'HAPPY' });
  const run = await handle.result();
  expect([run.ending, run.why, run.attempts.length]).toEqual(['completed', '', 2]);
  const [first, second] = run.attempts;
  expect(first?.gates.map(({ gate, result }) => [gate, result])).toEqual([
    ['checks', 'passed'],
    ['e2e', 'failed'],
  ]);
  expect(second?.gates.map(({ gate, result, examined }) => [gate, result, examined])).toEqual([
    ['checks', 'passed', 14],
    ['e2e', 'passed', 7],
  ]);
  for (const pr of run.pullRequests) {
    expect(pr.headSha).toBe(second?.gates[1]?.commits[pr.repository]);
    expect(branches(folder, pr.repository)).toBe(`spec-to-pr/HAPPY ${pr.headSha}`);
    const body = await readFile(pr.url, 'utf8');
    for (const sibling of run.pullRequests) if (sibling !== pr) expect(body).toContain(sibling.url);
    expect(body).toContain('7 of 7 tests passed');
  }
  expect(run.pullRequests.map(({ repository, draft }) => [repository, draft])).toEqual([
    ['api', false],
    ['web', false],
  ]);
});

test('the prompt of the second attempt holds what failed in the first', async () => {
  const prompt = await promptOf(stage, 'HAPPY', 'implement-2');
  for (const part of ['attempt 2 of 3', 'a gift card pays its value', '== log of api', 'web:e2e'])
    expect(prompt).toContain(part);
});

test('a debugger looks at the failed environment; what it proves reaches the next prompt, what it makes up does not count', async () => {
  const script = await readFile(path.join(stage.root, 'happy', 'agent.yaml'), 'utf8');
  const looks = `diagnoses:
  - steps:
      - run: curl -sS http://127.0.0.1:1/ >/dev/null || echo no-such-port-here; ls evidence evidence/e2e
      - spend: { usd: 0.05, tokens: 700 }
      - hypothesis: { claim: The service answers in dollars, kind: bug, proposal: Answer in cents, evidence: [{ source: evidence/api.diff, quote: "gift-cards.js" }, { source: curl, quote: no-such-port-here }] }
      - hypothesis: { claim: The moon is full, kind: environment, proposal: Wait, evidence: [{ source: evidence/e2e/api.log, quote: the moon is full tonight }] }
`;
  const { project, text } = await scene('looked', `${script.split('# What the debugger')[0]}\n${looks}`);
  const handle = await stage.product.start({ project, text, workId: 'LOOKED' });
  const run = await handle.result();
  expect([run.ending, run.attempts.length, run.usd]).toEqual(['completed', 2, 0.55]);
  expect(run.attempts[0]?.diagnosis?.hypotheses.map(({ id, standing, why }) => [id, standing, why])).toEqual([
    ['h1.1', 'confirmed', 'attempt 2 acted on it and what failed passes'],
    ['h1.2', 'unproven', 'no quote was found'],
  ]);
  const asked = await promptOf(stage, 'LOOKED', 'diagnose-1');
  for (const part of [
    'still runs exactly these commits',
    'http://127.0.0.1:',
    'evidence/e2e/api.log',
    'a gift card pays',
  ])
    expect(asked).toContain(part);
  const next = await promptOf(stage, 'LOOKED', 'implement-2');
  expect(next).toContain('Answer in cents');
  expect(next).not.toContain('Proposal: Wait');
  expect(await readdir(path.join(stage.product.home, 'environments')).catch(() => [])).toEqual([]);
});

test('a finished run leaves no worktree and no environment behind', async () => {
  const runs = path.join(stage.product.home, 'runs');
  for (const name of await readdir(runs)) expect(await readdir(path.join(runs, name))).toEqual(['jobs']);
  for (const name of await readdir(path.join(stage.product.home, 'mirrors')))
    expect(git(path.join(stage.product.home, 'mirrors', name), 'worktree', 'list').split('\n')).toHaveLength(1);
  expect(await readdir(path.join(stage.product.home, 'environments')).catch(() => [])).toEqual([]);
});

test('history of a whole run stays small', async () => {
  const description = await stage.product.server.client.workflow.getHandle('shop/HAPPY').describe();
  expect(description.historyLength).toBeLessThanOrEqual(300);
  expect(description.historySize).toBeLessThanOrEqual(100_000);
});

test('three different failures lead to a person; a guided retry by update goes on, and an abort by signal ends it', async () => {
  const { project, text } = await scene('stuck', NEVER_PASSES(5));
  const handle = await stage.product.start({ project, text, workId: 'STUCK' });
  const waiting = await stage.product.settled('STUCK');
  expect([waiting.attempts.length, waiting.escalation?.trip]).toEqual([
    3,
    { reason: 'attempts', why: '3 of 3 attempts failed' },
  ]);
  await expect(handle.executeUpdate(answer, { args: [{ decision: 'retry', attempts: -1 }] })).rejects.toThrow(
    WorkflowUpdateFailedError,
  );
  expect(
    await handle.executeUpdate(answer, {
      args: [{ decision: 'retry', guidance: 'Look at the\nunit of money.', by: 'ann' }],
    }),
  ).toBe('retry accepted for q1');
  let again = await stage.product.settled('STUCK');
  while (again.escalation?.id === 'q1') again = await stage.product.settled('STUCK');
  expect([again.attempts.length, again.escalation?.id]).toEqual([4, 'q2']);
  const prompt = await promptOf(stage, 'STUCK', 'implement-4.1');
  for (const part of ['From ann (q1):', 'Look at the\nunit of money.', 'broken in way c'])
    expect(prompt).toContain(part);
  await handle.signal(answerSignal, { decision: 'abort', by: 'ben' });
  expect(await handle.result()).toMatchObject({ ending: 'aborted', why: 'aborted by ben: 4 of 4 attempts failed' });
});

test('the same failure twice stops after two attempts, and a draft can be published from it', async () => {
  const { folder, project, text } = await scene(
    'same',
    NEVER_PASSES(1)
      .replace('attempts: [', 'attempts: [')
      .replace('steps: [', 'steps: [{ run: "date +%N > api/stamp.txt" }, '),
  );
  const handle = await stage.product.start({ project, text, workId: 'SAME' });
  const waiting = await stage.product.settled('SAME');
  expect([waiting.attempts.length, waiting.escalation?.trip.reason]).toEqual([2, 'same_failure']);
  await handle.executeUpdate(answer, { args: [{ decision: 'accept_draft' }] });
  const run = await handle.result();
  expect(run).toMatchObject({ ending: 'completed_draft', pullRequests: [{ repository: 'api', draft: true }] });
  expect(branches(folder, 'web')).toBe('');
});

test('an agent that changes nothing never ends as success', async () => {
  const { project, text } = await scene('empty', 'attempts: [{ steps: [{ say: All done! }] }]');
  const handle = await stage.product.start({ project, text, workId: 'EMPTY' });
  const waiting = await stage.product.settled('EMPTY');
  expect([waiting.attempts.length, waiting.escalation?.trip.why]).toEqual([
    2,
    expect.stringContaining('agent:no_change'),
  ]);
  await handle.executeUpdate(answer, { args: [{ decision: 'abort' }] });
  expect((await handle.result()).ending).toBe('aborted');
});

test('a suite that runs no test is no success', async () => {
  const skipped = "import { test } from 'node:test'; test.skip('later', () => {});";
  const { project, text } = await scene(
    'none',
    `attempts: [{ steps: [{ write: { file: test/quote.test.js, content: "${skipped}" } }] }]`,
  );
  const handle = await stage.product.start({
    project: { ...project, repositories: project.repositories.slice(0, 1), gates: ['checks'] },
    text: text.replace('[api, web]', '[api]'),
    workId: 'NONE',
  });
  const waiting = await stage.product.settled('NONE');
  expect(waiting.attempts[0]?.gates[0]).toMatchObject({ result: 'not_run', failureClass: 'no_tests' });
  await handle.executeUpdate(answer, { args: [{ decision: 'abort' }] });
  await handle.result();
});

test('a cancelled run ends its agent, and the Temporal UI says cancelled', async () => {
  const { project, text } = await scene('cancel', 'attempts: [{ steps: [{ run: sleep 600 & sleep 600 }] }]');
  const handle = await stage.product.start({ project, text, workId: 'CANCEL' });
  const jobs = async (): Promise<string | undefined> => {
    const runs = await readdir(path.join(stage.product.home, 'runs'));
    const folder = runs.find((name) => name.includes('CANCEL'));
    return folder === undefined
      ? undefined
      : readFile(path.join(stage.product.home, 'runs', folder, 'jobs', 'implement-1', 'job.json'), 'utf8').catch(
          () => undefined,
        );
  };
  let record: { marker: string; pid: number } = { marker: '', pid: 0 };
  while (record.pid === 0) record = JSON.parse((await jobs()) ?? '{"pid":0}');
  await handle.cancel();
  await expect(handle.result()).rejects.toThrow(WorkflowFailedError);
  expect((await handle.describe()).status.name).toBe('CANCELLED');
  expect(await findMarked(record.marker)).toEqual([]);
});

test('a refused push escalates with the reason of the remote, and a retry after mending completes', async () => {
  const { folder, project, text } = await scene('refused');
  const hook = path.join(folder, 'web.git', 'hooks', 'pre-receive');
  await writeFile(hook, '#!/bin/sh\necho "branch is protected by policy 7" >&2\nexit 1\n', { mode: 0o755 });
  const handle = await stage.product.start({ project, text, workId: 'REFUSED' });
  const waiting = await stage.product.settled('REFUSED');
  expect(waiting.escalation?.trip).toEqual({
    reason: 'infrastructure',
    why: expect.stringContaining('branch is protected by policy 7'),
  });
  await rm(hook);
  await handle.executeUpdate(answer, { args: [{ decision: 'retry' }] });
  expect(await handle.result()).toMatchObject({ ending: 'completed', pullRequests: [{ number: 1 }, { number: 1 }] });
});
