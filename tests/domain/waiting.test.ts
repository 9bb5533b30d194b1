import { expect, test } from '@jest/globals';
import { nextWake, waitingPolicy } from '../../domain/waiting.ts';
import type { Waiting, WaitingPolicy } from '../../domain/waiting.ts';
import type { Outcome } from '../../domain/outcome.ts';
import { gateResult, implementation, plannedRun, play } from '../support/run.ts';

const asked: Waiting = { since: 5000, now: 5000, reminder: 0, declined: false };
const DAILY: WaitingPolicy = { remindSeconds: 10, fallback: { decision: 'abort', afterSeconds: 25 } };

test.each<[string, WaitingPolicy | undefined, Partial<Waiting>, unknown]>([
  ['no policy wakes for nothing', undefined, {}, undefined],
  ['an empty policy wakes for nothing', {}, {}, undefined],
  ['the first reminder comes after one period', DAILY, {}, { kind: 'remind', at: 15_000, reminder: 1 }],
  ['the second after two', DAILY, { now: 15_000, reminder: 1 }, { kind: 'remind', at: 25_000, reminder: 2 }],
  [
    'reminders missed in a down-time are one',
    { remindSeconds: 10 },
    { now: 99_000 },
    { kind: 'remind', at: 105_000, reminder: 10 },
  ],
  [
    'the decision comes when it is nearer',
    DAILY,
    { now: 25_000, reminder: 2 },
    { kind: 'decide', at: 30_000, decision: 'abort' },
  ],
  [
    'at the same time it comes before the reminder',
    { ...DAILY, remindSeconds: 25 },
    {},
    { kind: 'decide', at: 30_000, decision: 'abort' },
  ],
  [
    'a decision that did not fit is not tried again',
    DAILY,
    { now: 30_000, reminder: 2, declined: true },
    { kind: 'remind', at: 35_000, reminder: 3 },
  ],
  ['reminders end at a hundred', { remindSeconds: 10 }, { reminder: 100 }, undefined],
])('%s', (_, policy, changes, wake) => {
  expect(nextWake(policy, { ...asked, ...changes })).toEqual(wake);
});

test('a person who has taken a run over is reminded, and no policy decides', () => {
  const fallback = { decision: 'abort' as const, afterSeconds: 60 };
  const asked = { step: { at: 'escalated' as const }, escalation: null, attempts: [] };
  const taken = { ...asked, step: { at: 'taken_over' as const } };
  expect(waitingPolicy(asked, { waiting: { remindSeconds: 10, fallback } })).toEqual({ remindSeconds: 10, fallback });
  expect(waitingPolicy(taken, { waiting: { remindSeconds: 10, fallback } })).toEqual({ remindSeconds: 10 });
  expect([waitingPolicy(taken, { waiting: { fallback } }), waitingPolicy(taken, {})]).toEqual([undefined, undefined]);
});

test('a question about a gate has the policy of the gate, field by field; one about money or a blocked agent has that of all', () => {
  const [abort, draft] = [
    { decision: 'abort' as const, afterSeconds: 60 },
    { decision: 'accept_draft' as const, afterSeconds: 9 },
  ];
  const waiting = {
    remindSeconds: 10,
    fallback: abort,
    gates: { e2e: { fallback: draft }, checks: { fallback: null } },
  };
  const red = (gate: string): Outcome => gateResult(gate, { result: 'not_run', failureClass: 'infra', why: 'no disk' });
  const policyOf = (...outcomes: Outcome[]): unknown => {
    const run = play(plannedRun({ limits: { usd: 1 } }), outcomes);
    expect(run.step.at).toBe('escalated');
    return waitingPolicy(run, { waiting });
  };
  expect([
    policyOf(implementation(), gateResult('checks'), red('e2e')),
    policyOf(implementation(), red('checks')),
    policyOf(implementation({ end: 'blocked', why: 'which tax?' })),
    policyOf(
      implementation(),
      gateResult('checks', { result: 'failed' }),
      implementation({ usd: 2, end: 'budget_exhausted', why: 'x' }),
    ),
  ]).toEqual([
    { remindSeconds: 10, fallback: draft },
    { remindSeconds: 10, fallback: null },
    { remindSeconds: 10, fallback: abort },
    { remindSeconds: 10, fallback: abort },
  ]);
  expect(nextWake({ fallback: null }, { since: 0, now: 0, reminder: 0, declined: false })).toBeUndefined();
});
