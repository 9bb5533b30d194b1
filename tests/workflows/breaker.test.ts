import { setTimeout as wait } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { played } from '../support/played.ts';
import { shows } from '../support/suite.ts';
import type { SuiteProject } from '../support/suite.ts';
import { stageOfFile } from '../support/whole-runs.ts';

const stage = stageOfFile('breaker');

interface Row {
  readonly title: string;
  readonly order: SuiteProject;
  readonly reason: string;
  readonly why: string | RegExp;
  readonly short?: object;
  readonly sessions: readonly string[];
}

const NOBODY_LISTENS = 'at {time} nothing listened on 127.0.0.1:{port} for {path}/a.js';
const FAILS = shows({ passing: 2, failing: { a: 'one' } });
const FAILS_BETTER = shows({ passing: 8, failing: { b: 'two' } });

const ROWS: readonly Row[] = [
  {
    title: 'every attempt of the limit fails, each in another way and better than the last',
    order: {
      attempts: [
        [shows({ passing: 2, failing: { a: 'one', b: 'one' } })],
        [shows({ passing: 3, failing: { b: 'two' } })],
        [shows({ passing: 5, failing: { c: 'three' } })],
      ],
    },
    reason: 'attempts',
    why: '3 of 3 attempts failed',
    sessions: ['implement-1', 'implement-2', 'implement-3'],
  },
  {
    title: 'the same failure twice running, at another time, on another port and in another folder',
    order: {
      attempts: [
        [shows({ passing: 2, failing: { a: NOBODY_LISTENS } })],
        [shows({ passing: 8, failing: { a: NOBODY_LISTENS } })],
      ],
    },
    reason: 'same_failure',
    why: /^attempts 1 and 2 failed the same way \(e2e:[0-9a-f]{20}\)$/,
    sessions: ['implement-1', 'implement-2'],
  },
  {
    title: 'another failure, but no test more passes',
    order: {
      attempts: [
        [shows({ passing: 3, failing: { a: 'one', b: 'one', c: 'one' } })],
        [shows({ passing: 3, failing: { a: 'two', b: 'two', c: 'two' } })],
      ],
    },
    reason: 'no_progress',
    why: '50.0 % of the known tests pass, the best before was 50.0 %',
    sessions: ['implement-1', 'implement-2'],
  },
  {
    title: 'progress of a hair less than 5 %',
    order: {
      attempts: [
        [shows({ passing: 500, many: { count: 500, message: 'one' } })],
        [shows({ passing: 549, many: { count: 451, message: 'two' } })],
      ],
    },
    reason: 'no_progress',
    why: '54.9 % of the known tests pass, the best before was 50.0 %',
    sessions: ['implement-1', 'implement-2'],
  },
  {
    title: 'money that is spent to the cent, by developer and debugger',
    order: {
      attempts: [[{ spend: { usd: 0.5, tokens: 10 } }, FAILS], [FAILS_BETTER]],
      diagnoses: [[{ spend: { usd: 0.25, tokens: 5 } }]],
      limits: { usd: 0.75 },
    },
    reason: 'budget',
    why: "spent $0.75 of the run's $0.75 (developer $0.50, debugger $0.25)",
    sessions: ['diagnose-1', 'implement-1'],
  },
  {
    title: 'money that a session spends more of than the run has',
    order: { attempts: [[FAILS, { spend: { usd: 1.5 } }, { wait: 60_000 }]], limits: { usd: 1 } },
    reason: 'budget',
    why: "spent $1.50 of the run's $1.00 (developer $1.50)",
    sessions: ['implement-1'],
  },
  {
    title: 'money that a session spends more of than a session may',
    order: {
      attempts: [[FAILS, { spend: { usd: 0.5, tokens: 70 } }, { wait: 60_000 }]],
      limits: { usd: 5, session_usd: 0.25 },
    },
    reason: 'budget',
    why: 'the agent ended budget_exhausted: the session spent $0.50 of the $0.25 that it had',
    short: { of: 'session', usd: 0.25 },
    sessions: ['implement-1'],
  },
  {
    title: 'tokens',
    order: {
      attempts: [
        [{ spend: { tokens: 600 } }, FAILS],
        [{ spend: { tokens: 400 } }, FAILS_BETTER],
      ],
      limits: { tokens: 1000 },
    },
    reason: 'budget',
    why: "used 1000 of the run's 1000 tokens (developer 1000)",
    sessions: ['implement-1', 'implement-2'],
  },
  {
    title: 'wall clock',
    order: { attempts: [[FAILS, { wait: 60_000 }]], limits: { minutes: 0.05 } },
    reason: 'budget',
    why: /^ran \d+ of the run's 3 seconds$/,
    sessions: ['implement-1'],
  },
  {
    title: 'a developer that pulls the cord for a person',
    order: { attempts: [[FAILS, { andon: { cord: 'human', reason: 'which tax applies?' } }]] },
    reason: 'blocked',
    why: 'the agent ended blocked: which tax applies?',
    sessions: ['implement-1'],
  },
  {
    title: 'a debugger that pulls the cord for a person',
    order: {
      attempts: [[FAILS]],
      diagnoses: [[{ andon: { cord: 'human', reason: 'the criteria contradict each other' } }]],
    },
    reason: 'blocked',
    why: 'the debugger asks for a person: the criteria contradict each other',
    sessions: ['diagnose-1', 'implement-1'],
  },
  {
    title: 'an agent that only a person can help',
    order: { attempts: [[{ end: { as: 'needs_human', why: 'log in again' } }]] },
    reason: 'blocked',
    why: 'the agent ended needs_human: log in again',
    sessions: ['implement-1'],
  },
  {
    title: 'an agent whose provider is down',
    order: { attempts: [[{ end: { as: 'provider_down', why: 'overloaded for an hour' } }]] },
    reason: 'infrastructure',
    why: 'the agent ended provider_down: overloaded for an hour',
    sessions: ['implement-1'],
  },
];

test.concurrent.each(ROWS.map((row, index) => ({ ...row, workId: `TRIP-${index + 1}-END` })))(
  'the breaker trips on $reason: $title',
  async ({ workId, order, reason, why, short, sessions }) => {
    const stop = await played(stage, workId, order);
    expect({ ...stop.run.escalation?.trip, sessions: stop.sessions, up: stop.up }).toEqual({
      reason,
      why: typeof why === 'string' ? why : expect.stringMatching(why),
      ...(short === undefined ? {} : { short }),
      sessions,
      up: [],
    });
  },
);

test('runs that fail the same way are found by the fingerprint that the trip tells', async () => {
  const fails = (passing: number) => [shows({ passing, failing: { 'is found': `first ${NOBODY_LISTENS}` } })];
  const both = await Promise.all(
    ['FOUND-1', 'FOUND-2'].map((workId) => played(stage, workId, { attempts: [fails(1), fails(4)] })),
  );
  const told = both.map(({ run }) => /\((e2e:\w+)\)/.exec(run.escalation?.trip.why ?? '')?.[1] ?? '');
  expect(told[0]).toBe(told[1]);
  const query = `SpecFingerprint = "${told[0]}"`;
  const { workflow } = stage.product.server.client;
  const found = async (): Promise<readonly string[]> => {
    const ids: string[] = [];
    for await (const { workflowId } of workflow.list({ query })) ids.push(workflowId);
    return ids.toSorted();
  };
  while ((await found()).length < 2) await wait(100);
  expect(await found()).toEqual(['shop/FOUND-1', 'shop/FOUND-2']);
});
