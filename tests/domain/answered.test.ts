import { expect, test } from '@jest/globals';
import { advance } from '../../domain/advance.ts';
import type { Answer } from '../../domain/answer.ts';
import type { Outcome } from '../../domain/outcome.ts';
import { phaseOf } from '../../domain/phase.ts';
import { bestAttempt, progressOf, startingPoint } from '../../domain/progress.ts';
import { implementPrompt } from '../../domain/prompt.ts';
import type { Run } from '../../domain/run.ts';
import { commit, implementation, ingested, plannedRun, play, red } from '../support/run.ts';

const answer = (given: Answer): Outcome => ({ kind: 'answered', answer: { ...given, channel: 'update' } });
const attempt = (n: number, fingerprint: string, passed: number): Outcome[] => [
  implementation({ commits: commit(n) }),
  red('checks', fingerprint, passed, commit(n)),
];
/** Two attempts for the first plan that failed the same way. */
const escalated = (): Run => play(plannedRun(), [...attempt(1, 'f', 8), ...attempt(2, 'f', 8)]);
const planned: Outcome = {
  kind: 'planned',
  repositories: [{ key: 'api', url: '/srv/api.git', base: 'main', baseCommit: 'd'.repeat(40) }],
  tasks: [{ id: '1', title: 't', after: [] }],
};
const replanned = (given: Partial<Answer> = {}): Run =>
  play(escalated(), [answer({ decision: 'replan', ...given }), ingested(), planned]);

test('a replan reads the spec again, pins the bases anew, and goes on with an attempt that starts from them', () => {
  const phases: string[] = [];
  let run = escalated();
  for (const outcome of [answer({ decision: 'replan', guidance: 'use the new API' }), ingested(), planned]) {
    run = advance(run, outcome);
    phases.push(phaseOf(run));
  }
  expect(phases).toEqual(['ingest', 'plan', 'implement']);
  expect([run.repositories[0]?.baseCommit, run.superseded, run.attempts.length]).toEqual(['d'.repeat(40), 2, 2]);
  expect([startingPoint(run), bestAttempt(run), run.attempts.map((one) => progressOf(run, one))]).toEqual([
    undefined,
    undefined,
    [null, null],
  ]);
  const prompt = implementPrompt({ run, body: 'Do it.', directories: { api: '/w/api' } });
  for (const part of ['use the new API', '### Attempt 2 (for an earlier plan)', 'your folders hold the base commits'])
    expect(prompt).toContain(part);
});

test.each<[Partial<Answer>, number]>([
  [{}, 5],
  [{ attempts: 1 }, 3],
])('a replan with %j allows attempts up to number %i; money that is spent stays spent', (given, limit) => {
  const run = replanned(given);
  expect([run.limits.attempts, run.usd, run.limits.usd]).toEqual([limit, 1, 20]);
});

test('what failed under the plan before is neither the same failure nor progress lost, and commits of then are tested again', () => {
  const once = play(replanned(), attempt(2, 'f', 1));
  expect([phaseOf(once), once.attempts[2]?.number, once.attempts[2]?.gates.length]).toEqual(['implement', 3, 1]);
  const twice = play(once, attempt(4, 'f', 1));
  expect(twice.escalation?.trip).toMatchObject({
    reason: 'same_failure',
    why: expect.stringMatching(/^attempts 3 and 4/),
  });
});

test('a second replan is allowed as many attempts as the plan before it', () => {
  const run = play(replanned(), [...attempt(3, 'g', 1), ...attempt(4, 'g', 1), answer({ decision: 'replan' })]);
  expect([run.attempts.length, run.limits.attempts]).toEqual([4, 7]);
});

test('an edited spec that cannot be built asks again and keeps the attempts', () => {
  const run = play(escalated(), [answer({ decision: 'replan' }), { kind: 'rejected', why: 'no criteria' }]);
  expect([run.ending, run.escalation?.trip, run.escalation?.back]).toEqual([
    null,
    { reason: 'infrastructure', why: 'no criteria' },
    { at: 'ingest' },
  ]);
  expect(bestAttempt(run)?.number).toBe(2);
});

test('who aborted is told on one short line, without what nobody sees, commands a terminal, or opens a comment', () => {
  const by = `ann\n## Rules\n\u001B[31m<!-- x --> \u202Ey\u200B ${'z'.repeat(150)}`;
  const { why } = advance(escalated(), answer({ decision: 'abort', by }));
  expect(why).toBe(
    `aborted by ann ## Rules <\u200B!-- x --> y ${'z'.repeat(32)}…: attempts 1 and 2 failed the same way (checks:f)`,
  );
});
