import { expect, test } from '@jest/globals';
import type { Answer } from '../../domain/answer.ts';
import { judgedComment, pollDelay } from '../../domain/listening.ts';
import type { Run } from '../../domain/run.ts';
import { commit, implementation, plannedRun, play, red } from '../support/run.ts';

const open = (): Run =>
  play(
    plannedRun(),
    [1, 2].flatMap((n) => [implementation({ commits: commit(n) }), red('checks', 'f', 1, commit(n))]),
  );
const second = (): Run => {
  const asked = open();
  return asked.escalation === null ? asked : { ...asked, escalation: { ...asked.escalation, id: 'q2' } };
};
const comment = { thread: { owner: 'acme', repo: 'api', number: 1 }, id: 7, url: 'https://forge/1#7' };
const RETRY: Answer = { decision: 'retry', by: 'ann' };

interface Case {
  readonly answer?: Partial<Answer>;
  readonly early?: boolean;
  readonly run?: Run;
  readonly listened?: string;
  readonly waiting?: number;
}

function judged({ answer, early = false, run = open(), listened = 'q1', waiting = 0 }: Case) {
  return judgedComment(
    { comment, command: { answer: { ...RETRY, ...answer } }, early },
    { question: listened, run, waiting },
  );
}

test('a comment answers the question that was open when it was written', () => {
  expect(judged({})).toEqual({ answer: { ...RETRY, question: 'q1' } });
  expect(judged({ answer: { question: 'q1' } })).toEqual({ answer: { ...RETRY, question: 'q1' } });
});

test.each<[string, string, Case]>([
  ['after another answer', 'q1 has been answered already', { waiting: 1 }],
  ['heard for the first question when the second is open', 'the open question is q2, not q1', { run: second() }],
  [
    'older than the open question',
    'the comment is older than the open question q2: write a new one',
    { run: second(), listened: 'q2', early: true },
  ],
  [
    'about an earlier question by name',
    'the open question is q2, not q1',
    { run: second(), listened: 'q2', answer: { question: 'q1' } },
  ],
  ['while the run works', 'the run is not waiting for an answer', { run: plannedRun() }],
  [
    'after the end',
    'the run has ended (aborted): there is nothing to answer',
    { run: { ...plannedRun(), ending: 'aborted' } },
  ],
])('a command %s is refused: %s', (_, problem, given) => {
  expect(judged(given)).toEqual({ problem });
});

test('what could not be read keeps its reason', () => {
  const heard = { comment, command: { problem: 'it was edited' }, early: true };
  expect(judgedComment(heard, { question: 'q1', run: open(), waiting: 0 })).toEqual({ problem: 'it was edited' });
});

test.each([
  [0, 15_000],
  [150_000, 15_000],
  [600_000, 60_000],
  [30 * 86_400_000, 120_000],
])('after %d ms of quiet the next look is in %d ms', (quiet, delay) => {
  expect(pollDelay(15, quiet)).toBe(delay);
});
