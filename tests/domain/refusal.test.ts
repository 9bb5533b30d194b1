import { expect, test } from '@jest/globals';
import { received } from '../../domain/answer.ts';
import { refusal } from '../../domain/refusal.ts';
import type { Run } from '../../domain/run.ts';
import { COMMIT_A, commit, implementation, plannedRun, play, red } from '../support/run.ts';

const escalated = (): Run =>
  play(
    plannedRun(),
    [1, 2].flatMap((n) => [implementation({ commits: commit(n) }), red('checks', 'f', 1, commit(n))]),
  );
const unchanged = (): Run =>
  play(
    plannedRun(),
    [1, 2].map(() => implementation({ changed: [], commits: { api: COMMIT_A } })),
  );
const poor = (): Run => play(plannedRun({ limits: { usd: 1 } }), [implementation({ usd: 2 }), red('checks', 'f', 1)]);

test.each<[unknown, string | undefined]>([
  [{ decision: 'retry' }, undefined],
  [{ decision: 'retry', guidance: 'g', attempts: 2, usd: 3, by: 'ann', question: 'q1' }, undefined],
  [{ decision: 'abort' }, undefined],
  [null, 'an answer is an object such as {"decision":"retry"}'],
  ['retry', 'an answer is an object such as {"decision":"retry"}'],
  [{}, 'decision (none) is unknown: use retry, accept_draft, abort'],
  [{ decision: 'merge' }, 'decision "merge" is unknown: use retry, accept_draft, abort'],
  [{ decision: 'retry', attempts: 0 }, 'attempts has to be a positive number'],
  [{ decision: 'retry', attempts: 1.5 }, 'attempts has to be a whole number'],
  [{ decision: 'retry', usd: '5' }, 'usd has to be a positive number'],
  [{ decision: 'retry', usd: Number.NaN }, 'usd has to be a positive number'],
  [{ decision: 'retry', guidance: 7 }, 'guidance has to be text'],
  [{ decision: 'retry', guidance: 'x'.repeat(1_000_000) }, 'guidance has 1000000 characters, at most 20000 are taken'],
  [{ decision: 'retry', by: 'x'.repeat(201) }, 'by has 201 characters, at most 200 are taken'],
  [{ decision: 'retry', question: 'x'.repeat(1_000_000) }, 'question has 1000000 characters, at most 20 are taken'],
  [{ decision: 'retry', question: 'q7' }, 'the open question is q1, not q7'],
])('the answer %j to an escalated run is refused with %j', (answer, why) => {
  expect(refusal(escalated(), 0, answer)).toBe(why);
});

test('an answer is kept without what no answer has', () => {
  const given = { decision: 'retry' as const, attempts: 2, by: 'ann', question: 'q1', note: 'x'.repeat(1_000_000) };
  expect(received(given, 'signal')).toEqual({
    decision: 'retry',
    attempts: 2,
    by: 'ann',
    question: 'q1',
    channel: 'signal',
  });
});

test('the first answer wins', () => {
  expect(refusal(escalated(), 1, { decision: 'abort' })).toBe('q1 has been answered already');
});

test('all guidance together has a limit, too', () => {
  const earlier = {
    decision: 'retry' as const,
    channel: 'update',
    question: 'q0',
    at: 0,
    guidance: 'x'.repeat(20_000),
  };
  const run = { ...escalated(), answers: Array.from({ length: 9 }, () => earlier) };
  expect(refusal(run, 0, { decision: 'retry', guidance: 'x'.repeat(20_000) })).toBeUndefined();
  expect(refusal({ ...run, answers: [...run.answers, earlier] }, 0, { decision: 'retry', guidance: 'x' })).toBe(
    'all guidance together would have 200001 characters, at most 200000 are taken',
  );
});

test('a run that does not wait, or has ended, takes no answer', () => {
  expect(refusal(plannedRun(), 0, { decision: 'retry' })).toBe('the run is not waiting for an answer');
  expect(refusal({ ...plannedRun(), ending: 'completed' }, 0, { decision: 'retry' })).toBe(
    'the run has ended (completed): there is nothing to answer',
  );
});

test('a draft needs something to publish', () => {
  expect(refusal(unchanged(), 0, { decision: 'accept_draft' })).toBe(
    'no attempt changed anything: there is nothing to publish',
  );
});

test('a retry on a used-up budget needs more budget', () => {
  expect(refusal(poor(), 0, { decision: 'retry' })).toBe(
    "the budget stays used up (spent $2.00 of the run's $1.00 (developer $2.00)): grant usd, tokens or minutes",
  );
  expect(refusal(poor(), 0, { decision: 'retry', usd: 2 })).toBeUndefined();
});
