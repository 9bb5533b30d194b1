import { expect, test } from '@jest/globals';
import { received } from '../../domain/answer.ts';
import type { Answer } from '../../domain/answer.ts';
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
const takenOver = (): Run =>
  play(escalated(), [
    { kind: 'answered', answer: { decision: 'take_over', channel: 'update', by: 'ann' } },
    { kind: 'handed_over', takeover: { by: 'ann', host: 'h', worktrees: [] } },
  ]);
const poor = (): Run => play(plannedRun({ limits: { usd: 1 } }), [implementation({ usd: 2 }), red('checks', 'f', 1)]);

test.each<[unknown, string | undefined]>([
  [{ decision: 'retry' }, undefined],
  [{ decision: 'retry', guidance: 'g', attempts: 2, usd: 3, by: 'ann', question: 'q1' }, undefined],
  [{ decision: 'abort' }, undefined],
  [null, 'an answer is an object such as {"decision":"retry"}'],
  ['retry', 'an answer is an object such as {"decision":"retry"}'],
  [{}, 'decision (none) is unknown: use resume, retry, accept_draft, replan, take_over, abort'],
  [{ decision: 'merge' }, 'decision "merge" is unknown: use resume, retry, accept_draft, replan, take_over, abort'],
  [{ decision: 'retry', attempts: 0 }, 'attempts has to be a positive number'],
  [{ decision: 'retry', attempts: 1.5 }, 'attempts has to be a whole number'],
  [{ decision: 'retry', usd: '5' }, 'usd has to be a positive number'],
  [{ decision: 'retry', usd: Number.NaN }, 'usd has to be a positive number'],
  [{ decision: 'retry', guidance: 7 }, 'guidance has to be text'],
  [{ decision: 'retry', guidance: 'x'.repeat(1_000_000) }, 'guidance has 1000000 characters, at most 20000 are taken'],
  [{ decision: 'retry', by: 'x'.repeat(201) }, 'by has 201 characters, at most 200 are taken'],
  [{ decision: 'retry', question: 'x'.repeat(1_000_000) }, 'question has 1000000 characters, at most 20 are taken'],
  [{ decision: 'retry', refs: { api: 'main' } }, 'refs go with resume only'],
  ...[{}, { api: '--upload-pack=x' }, { api: 'a..b' }, { api: 7 }, 'main', null].map((refs): [unknown, string] => [
    { decision: 'resume', refs },
    'refs name a branch, tag or commit by repository, as in {"api":"my-branch"}',
  ]),
  [{ decision: 'resume' }, 'nobody has taken the run over: answer retry, or take_over first'],
  [{ decision: 'take_over', by: 'ann' }, undefined],
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

test.each<[Answer, string | undefined]>([
  [{ decision: 'resume' }, undefined],
  [{ decision: 'resume', refs: { api: 'ann/fix-1' } }, undefined],
  [{ decision: 'resume', refs: { web: 'main' } }, 'the run has no repository "web": api'],
  [{ decision: 'take_over', by: 'ben' }, 'ann has taken the run over already'],
  [{ decision: 'retry' }, undefined],
  [{ decision: 'accept_draft' }, undefined],
  [{ decision: 'abort' }, undefined],
  [{ decision: 'abort', question: 'q1' }, 'the open question is q2, not q1'],
])('while ann is at work the answer %j gives %j', (answer, why) => {
  expect(refusal(takenOver(), 0, answer)).toBe(why);
});

test('while commits move there is no question, and a run without a plan has no worktrees', () => {
  const moving = play(takenOver(), [{ kind: 'answered', answer: { decision: 'resume', channel: 'signal' } }]);
  expect(refusal(moving, 0, { decision: 'resume' })).toBe('the run is not waiting for an answer');
  expect(refusal({ ...escalated(), repositories: [] }, 0, { decision: 'take_over' })).toBe(
    'nothing is planned yet: there are no worktrees to give',
  );
});

test('a draft needs something to publish', () => {
  expect(refusal(unchanged(), 0, { decision: 'accept_draft' })).toBe(
    'no attempt changed anything: there is nothing to publish',
  );
});

test('a new plan needs one to replace, nothing published yet, and budget', () => {
  const unplanned = { ...escalated(), repositories: [] };
  expect(refusal(unplanned, 0, { decision: 'replan' })).toBe('nothing is planned yet: a retry plans it');
  expect(refusal({ ...escalated(), publishing: true }, 0, { decision: 'replan' })).toBe(
    'publishing has begun: a new plan cannot take back what is on the branches',
  );
  expect(refusal(poor(), 0, { decision: 'replan' })).toContain('the budget stays used up');
  expect(refusal(escalated(), 0, { decision: 'replan' })).toBeUndefined();
});

test('a retry on a used-up budget needs more budget', () => {
  expect(refusal(poor(), 0, { decision: 'retry' })).toBe(
    "the budget stays used up (spent $2.00 of the run's $1.00 (developer $2.00)): grant usd, tokens or minutes",
  );
  expect(refusal(poor(), 0, { decision: 'retry', usd: 2 })).toBeUndefined();
});
