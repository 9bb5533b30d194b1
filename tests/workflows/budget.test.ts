import { setTimeout as wait } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { budgetIdOf } from '../../domain/ids.ts';
import type { Account } from '../../domain/ledger.ts';
import type { Limits, Project } from '../../domain/project.ts';
import type { Run } from '../../domain/run.ts';
import { DELIVER, WORKFLOW_QUEUE, account, answer } from '../../workflows/contract.ts';
import type { deliver } from '../../workflows/index.ts';
import { shop, stageOfFile } from '../support/whole-runs.ts';

const stage = stageOfFile('budget');

const STEP = 0.125;
interface Calls {
  readonly calls: number;
  readonly pauseMs: number;
}

/** Sessions that fail in ways that no breaker knows; each has so many calls of one eighth of a dollar. */
const script = (...sessions: readonly Calls[]): string => {
  const lists = sessions.map(({ calls, pauseMs }, index) => {
    const call = `{ spend: { usd: ${STEP}, tokens: 10 } }, { wait: ${pauseMs} }, `;
    return `{ steps: [${call.repeat(calls)}{ end: { as: ${index % 2 === 0 ? 'incomplete_handoff' : 'contract_violation'} } }] }`;
  });
  return `attempts: [${lists.join(', ')}]`;
};
const eight = (calls: number, pauseMs: number): string =>
  script(...Array.from({ length: 8 }, () => ({ calls, pauseMs })));

async function scene(
  name: string,
  script: string,
  limits: Partial<Limits>,
): Promise<{ project: Project; text: string }> {
  const { project, text } = await shop(stage, name, { script });
  return {
    project: { ...project, key: name, limits: { ...project.limits, attempts: 8, ...limits } },
    text,
  };
}

const sumOf = ({ attempts }: Run): number => attempts.reduce((sum, { implementation }) => sum + implementation.usd, 0);
const ledgerOf = (project: string): Promise<Account> =>
  stage.product.server.client.workflow.getHandle(budgetIdOf(project)).query(account);
const bookedIn = ({ entries }: Account): readonly (number | undefined)[] =>
  Object.values(entries).map(({ spent }) => spent?.usd);
const total = (amounts: readonly (number | undefined)[]): number =>
  amounts.reduce<number>((sum, amount) => sum + (amount ?? Number.NaN), 0);

test('a run passes its budget by no more than one call, and the last session is granted only what is left', async () => {
  const { project, text } = await scene('own', eight(3, 400), { usd: 0.875, sessionUsd: 0.5 });
  const handle = await stage.product.start({ project, text, workId: 'OWN' });
  const run = await stage.product.settled('OWN', 'own');
  expect(run.attempts.map(({ implementation }) => [implementation.end, implementation.usd])).toEqual([
    ['incomplete_handoff', 3 * STEP],
    ['contract_violation', 3 * STEP],
    ['budget_exhausted', 2 * STEP],
  ]);
  expect([run.usd, sumOf(run), run.usd - run.limits.usd]).toEqual([1, 1, STEP]);
  expect(run.escalation?.trip.reason).toBe('budget');
  await handle.executeUpdate(answer, { args: [{ decision: 'abort' }] });
  await handle.result();
}, 60_000);

test('two runs that share a budget at once pass it together by no more than a call each, and a grant lets one go on', async () => {
  // The first session gets 0.50, the second the 0.30 that are left.
  const limits = { sessionUsd: 0.5, project: { usd: 0.8, per: 'month' as const } };
  const { project, text } = await scene('shared', eight(4, 300), limits);
  const both = ['A', 'B'];
  const handles = await Promise.all(both.map((workId) => stage.product.start({ project, text, workId })));
  const runs = await Promise.all(both.map((workId) => stage.product.settled(workId, 'shared')));
  const spent = runs.reduce((sum, { usd }) => sum + usd, 0);
  expect(spent).toBeGreaterThanOrEqual(0.8);
  const ledger = await ledgerOf('shared');
  expect(total(bookedIn(ledger))).toBe(spent);
  const entries = Object.values(ledger.entries).map(({ granted, spent: cost }) => ({
    granted: granted.usd,
    cost: cost?.usd ?? Number.NaN,
  }));
  expect(entries.map(({ granted }) => granted).toSorted((one, other) => one - other)).toEqual([
    expect.closeTo(0.3),
    0.5,
  ]);
  for (const { granted, cost } of entries) expect(cost).toBeLessThanOrEqual(granted + STEP);
  const trips = runs.map(({ escalation }) => escalation?.trip);
  expect(trips).toHaveLength(2);
  expect(trips).toEqual(
    expect.arrayContaining([
      {
        reason: 'budget',
        why: 'the agent ended budget_exhausted: the session spent $0.38 of the $0.30 that it had',
        short: { of: 'project', usd: 2 },
      },
      {
        reason: 'budget',
        why: expect.stringMatching(/^\$\d\.\d\d of the project's \$0\.80 a month are used or reserved \(shared\/[AB] /),
        until: expect.any(Number),
        short: { of: 'project', usd: 2 },
      },
    ]),
  );
  const [a] = handles;
  await a?.executeUpdate(answer, { args: [{ decision: 'retry', usd: 0.5, by: 'ann' }] });
  let again = await stage.product.settled('A', 'shared');
  while (again.escalation?.id === 'q1') again = await stage.product.settled('A', 'shared');
  expect([again.escalation?.id, again.usd > (runs[0]?.usd ?? 0), again.answers[0]?.by]).toEqual(['q2', true, 'ann']);
  for (const handle of handles) await handle.executeUpdate(answer, { args: [{ decision: 'abort' }] });
  for (const handle of handles) expect((await handle.result()).ending).toBe('aborted');
}, 90_000);

test('a run that waits for the next window goes on by itself when it begins', async () => {
  const limits = { project: { usd: STEP, per: 'month' as const } };
  const { project, text } = await scene('window', eight(1, 0), limits);
  const handle = await stage.product.start({ project, text, workId: 'W' });
  const waiting = await stage.product.settled('W', 'window');
  await handle.executeUpdate(answer, { args: [{ decision: 'abort' }] });
  await handle.result();
  const { escalation } = waiting;
  if (escalation === null) throw new Error('the run does not wait');
  // The same run, continued: its window ends in a second.
  const soon = { ...escalation, trip: { ...escalation.trip, until: Date.now() + 1000 } };
  const source = { kind: 'inline', name: 'test', text };
  const next = await stage.product.server.client.workflow.start<typeof deliver>(DELIVER, {
    workflowId: 'window/W',
    taskQueue: WORKFLOW_QUEUE,
    args: [{ workId: 'W', project, source, run: { ...waiting, escalation: soon } }],
  });
  let run = await stage.product.settled('W', 'window');
  while (run.escalation?.id === 'q1') run = await stage.product.settled('W', 'window');
  expect(run.answers.map(({ decision, by, channel }) => [decision, by, channel])).toEqual([
    ['retry', 'the next window', 'timer'],
  ]);
  expect([run.escalation?.id, run.escalation?.trip.reason, run.usd]).toEqual(['q2', 'budget', STEP]);
  await next.executeUpdate(answer, { args: [{ decision: 'abort' }] });
  await next.result();
}, 60_000);

test('totals equal the sum of the sessions when workers were stopped and started amid one', async () => {
  const limits = { project: { usd: 9, per: 'day' as const }, attempts: 2 };
  const steps = script({ calls: 9, pauseMs: 1000 }, { calls: 2, pauseMs: 0 });
  const { project, text } = await scene('stopped', steps, limits);
  const handle = await stage.product.start({ project, text, workId: 'S' });
  await wait(1500);
  await stage.product.restart();
  const run = await stage.product.settled('S', 'stopped');
  expect([run.attempts.length, run.usd, sumOf(run), run.tokens]).toEqual([2, 11 * STEP, 11 * STEP, 110]);
  expect(bookedIn(await ledgerOf('stopped'))).toEqual([9 * STEP, 2 * STEP]);
  const { events } = await handle.fetchHistory();
  const tries = events?.map(({ activityTaskStartedEventAttributes: started }) => started?.attempt ?? 0) ?? [];
  expect(Math.max(...tries)).toBe(2);
  await handle.executeUpdate(answer, { args: [{ decision: 'abort' }] });
  await handle.result();
}, 90_000);
