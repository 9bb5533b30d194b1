import { expect, test } from '@jest/globals';
import { advance } from '../../domain/advance.ts';
import { budgetTrip, charged, reservationOf, spentOf, warnings } from '../../domain/budget.ts';
import { describe } from '../../domain/describe.ts';
import type { Limits } from '../../domain/project.ts';
import { refusal } from '../../domain/refusal.ts';
import type { Run } from '../../domain/run.ts';
import { implementation, plannedRun, play, red } from '../support/run.ts';

const LIMITS = { usd: 10, tokens: 1000, runSeconds: 600, agentSeconds: 300 };
const runOf = (changes: Partial<Run> = {}, limits: Partial<Limits> = {}): Run => ({
  ...plannedRun({ limits: { ...LIMITS, ...limits } }),
  ...changes,
});

test.each<[string, Partial<Run>, Partial<Limits>, Parameters<typeof reservationOf>[1], readonly number[]]>([
  ['a new run', {}, {}, {}, [10, 1000, 300]],
  ['what is left of the run', { usd: 9.5, tokens: 990, now: 400_000 }, {}, {}, [0.5, 10, 200]],
  ['time spent waiting is left', { now: 400_000, waited: 400_000 }, {}, {}, [10, 1000, 300]],
  ['the limits of a session', {}, { sessionUsd: 2, sessionTokens: 50 }, {}, [2, 50, 300]],
  ['less left than a session may', { usd: 9 }, { sessionUsd: 2 }, {}, [1, 1000, 300]],
  ['what is left of the project', {}, { sessionUsd: 2 }, { usd: 0.25, tokens: 7 }, [0.25, 7, 300]],
  ['a run that has passed its limits', { usd: 11, tokens: 1200, now: 900_000 }, {}, {}, [0, 0, 0]],
])('the reservation for %s', (_, changes, limits, project, [usd, tokens, seconds]) => {
  expect(reservationOf(runOf(changes, limits), project)).toEqual({ usd, tokens, seconds });
});

test.each<[string, Partial<Run>, Partial<Limits>, string | undefined]>([
  ['money just below the limit', { usd: 4.99 }, { usd: 5 }, undefined],
  ['money at the limit', { usd: 5 }, { usd: 5 }, "spent $5.00 of the run's $5.00 (other sessions $5.00)"],
  ['tokens at the limit', { tokens: 900 }, { tokens: 900 }, "used 900 of the run's 900 tokens (other sessions 900)"],
  ['time at the limit', { now: 120_000 }, { runSeconds: 120 }, "ran 2 of the run's 2 minutes"],
  ['time spent waiting for a person', { now: 120_000, waited: 1 }, { runSeconds: 120 }, undefined],
])('the budget on %s', (_, changes, limits, why) => {
  expect(budgetTrip(runOf(changes, limits))?.why).toBe(why);
});

test('a used-up budget names the limit and who has used it', () => {
  const run = play(runOf({ roles: { ...plannedRun().roles, debugger: plannedRun().roles.developer } }), [
    implementation({ usd: 6 }),
    red('checks', 'f', 1),
    {
      kind: 'diagnosed',
      diagnosis: { ...implementation({ usd: 4.5 }).implementation, end: 'done', hypotheses: [] },
    },
  ]);
  expect(run.escalation?.trip).toEqual({
    reason: 'budget',
    why: "spent $10.50 of the run's $10.00 (developer $6.00, debugger $4.50)",
  });
});

const unpriced = (limits: Partial<Limits> = {}): Run =>
  play(plannedRun({ limits: { ...LIMITS, ...limits } }), [
    implementation({ usd: 0, tokens: 70, unpriced: true }),
    red('checks', 'f', 1),
  ]);

test('a session of unknown cost blocks the next paid one until a person accepts it by a grant', () => {
  const run = unpriced();
  const why =
    "at least $0.00 of the run's $10.00 are spent, how much more is unknown: no price for the model of scripted (developer, 70 tokens)";
  expect(run.escalation?.trip).toEqual({ reason: 'budget', why });
  expect(spentOf(run)).toBe('at least $0.00 of $10.00');
  expect(refusal(run, 0, { decision: 'retry' })).toBe(
    `the budget stays used up (${why}): grant usd, tokens or minutes`,
  );
  const grant = { decision: 'retry' as const, usd: 1, channel: 'update' };
  expect(refusal(run, 0, grant)).toBeUndefined();
  const next = advance(run, { kind: 'answered', answer: grant });
  expect([next.step, next.limits.usd, next.unpriced]).toEqual([{ at: 'implement' }, 11, undefined]);
});

test('where only tokens are limited, an unknown cost stops nothing and stays told', () => {
  const run = unpriced({ unpriced: 'allowed' });
  expect([run.step, spentOf(run)]).toEqual([{ at: 'implement' }, 'at least $0.00 of $10.00']);
});

test.each<[string, Partial<Limits>]>([
  ['money is limited', {}],
  ['only tokens are limited', { unpriced: 'allowed' }],
])('a session that told neither tokens nor money waits for a person who accepts it, where %s', (_, limits) => {
  const run = play(plannedRun({ limits: { ...LIMITS, ...limits } }), [
    implementation({ usd: 0, tokens: 0, untold: true }),
    red('checks', 'f', 1),
  ]);
  expect(run.escalation?.trip).toEqual({
    reason: 'budget',
    why: "at least $0.00 of the run's $10.00 and 0 of its 1000 tokens are spent, how much more is unknown: scripted (developer) told neither tokens nor money",
  });
  expect(spentOf(run)).toBe('at least $0.00 of $10.00');
  const next = advance(run, { kind: 'answered', answer: { decision: 'retry', tokens: 100, channel: 'update' } });
  expect([next.step, next.untold]).toEqual([{ at: 'implement' }, undefined]);
});

test('the cost of each session is counted by its role and model', () => {
  const run = runOf({ roles: { developer: { agent: { name: 'codex', model: 'gpt-9', options: {} } } } });
  const paid = charged(charged(run, 'developer', { usd: 1, tokens: 5 }), 'developer', {
    ...{ usd: 0, tokens: 9, unpriced: true },
  });
  expect([paid.usd, paid.tokens, paid.unpriced]).toEqual([1, 14, ['gpt-9 (developer, 9 tokens)']]);
});

test('a warning comes with four fifths of a limit, for people to read', () => {
  expect(warnings(runOf({ usd: 7.99, tokens: 799, now: 479_000 }))).toEqual([]);
  const run = runOf({ usd: 8, tokens: 999, now: 480_000 });
  expect(warnings(run)).toEqual([
    '80 % of the USD are used: $8.00 of $10.00',
    '99 % of the tokens are used: 999 of 1000',
    '80 % of the minutes are used: 8 of 10',
  ]);
  expect(describe(run)).toContain('$8.00 of $10.00\n\n**Warning:** 80 % of the USD are used: $8.00 of $10.00.');
});

test('a used-up project asks a person, goes on by itself with the next window, and a grant is an overdraft', () => {
  const run = runOf({}, { project: { usd: 5, per: 'day' } });
  const waiting = advance(run, { kind: 'unfunded', until: 86_400_000, why: 'all is used' });
  expect(waiting.escalation).toEqual({
    ...{ id: 'q1', back: { at: 'implement' }, since: 0 },
    trip: { reason: 'budget', why: 'all is used', until: 86_400_000 },
  });
  const granted = advance(waiting, {
    kind: 'answered',
    answer: { decision: 'retry', usd: 2, channel: 'update', by: 'ann' },
  });
  expect([granted.step, granted.overdraft, granted.limits.usd]).toEqual([
    { at: 'implement' },
    { usd: 2, tokens: 0 },
    12,
  ]);
  const later = advance(waiting, { kind: 'answered', answer: { decision: 'retry', channel: 'timer' } });
  expect([later.step, later.overdraft, later.limits]).toEqual([
    { at: 'implement' },
    undefined,
    { ...run.limits, attempts: 3 },
  ]);
});

test.each<[Run['step'], string]>([
  [{ at: 'implement' }, 'developer'],
  [{ at: 'diagnose' }, 'debugger'],
])('a session whose step broke after its end in %j is charged once, and asked about', (step, role) => {
  const before = { ...runOf({ usd: 1, tokens: 10, step }), parked: { until: 1, why: 'quota' } };
  const spent = { usd: 1.5, tokens: 20, unpriced: true as const };
  const run = advance(before, { kind: 'broken', why: 'implement: no space left on device', spent });
  expect([run.usd, run.tokens, run.unpriced, run.parked, run.attempts]).toEqual([
    2.5,
    30,
    [`the model of scripted (${role}, 20 tokens)`],
    undefined,
    [],
  ]);
  expect(run.escalation).toMatchObject({
    trip: { reason: 'infrastructure', why: 'implement: no space left on device' },
    back: step,
  });
});

test('a retry of a step that broke with the budget spent needs a grant', () => {
  const run = advance(runOf(), { kind: 'broken', why: 'commit failed', spent: { usd: 10, tokens: 1 } });
  expect([refusal(run, 0, { decision: 'retry' }), refusal(run, 0, { decision: 'retry', usd: 1 })]).toEqual([
    "the budget stays used up (spent $10.00 of the run's $10.00 (other sessions $10.00)): grant usd, tokens or minutes",
    undefined,
  ]);
});

test('a step that broke before any session costs nothing', () => {
  const run = advance(runOf({ usd: 1 }), { kind: 'broken', why: 'no disk' });
  expect([run.usd, run.tokens, run.escalation?.trip.reason]).toEqual([1, 0, 'infrastructure']);
});
