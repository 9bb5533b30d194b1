import { expect, test } from '@jest/globals';
import { advance } from '../../domain/advance.ts';
import type { AgentEnd } from '../../domain/agent.ts';
import { describe } from '../../domain/describe.ts';
import { dossierOf } from '../../domain/dossier.ts';
import type { Outcome } from '../../domain/outcome.ts';
import { attemptAtWork } from '../../domain/phase.ts';
import { implementPrompt } from '../../domain/prompt.ts';
import { commit, implementation, plannedRun, play, red } from '../support/run.ts';

const retry = (): Outcome => ({ kind: 'answered', answer: { decision: 'retry', channel: 'update' } });
const attempt = (n: number, fingerprint: string, passed: number): Outcome[] => [
  implementation({ commits: commit(n) }),
  red('checks', fingerprint, passed, commit(n)),
];

test.each<AgentEnd>(['quota_parked', 'provider_down'])(
  'an attempt that ends %s costs none of those that are allowed, however often, and the limit is shown as it is',
  (end) => {
    const broken = implementation({ end, why: 'because' });
    const once = play(plannedRun(), [broken]);
    expect([once.limits.attempts, attemptAtWork(once), describe(once)]).toEqual([
      3,
      1,
      expect.stringContaining('attempt 1 of 3'),
    ]);
    const thrice = play(once, [retry(), broken, retry(), broken]);
    expect(dossierOf(thrice, { environment: 'none' })?.spent.attempts).toEqual([0, 3]);
    const again = advance(thrice, retry());
    expect([again.limits.attempts, attemptAtWork(again), again.attempts.length]).toEqual([3, 1, 3]);
    expect(implementPrompt({ run: again, body: '', directories: {} })).toContain('This is attempt 1 of 3.');
    const ended = play(again, [...attempt(1, 'f', 1), ...attempt(2, 'g', 3), ...attempt(3, 'h', 5)]);
    expect(ended.escalation?.trip).toEqual({ reason: 'attempts', why: '3 of 3 attempts failed' });
    const replanned = advance(ended, { kind: 'answered', answer: { decision: 'replan', channel: 'update' } });
    expect(replanned.limits.attempts).toBe(6);
  },
);

test('what the provider broke between two attempts hides neither the same failure nor a standstill', () => {
  const broken = [implementation({ end: 'provider_down' }), retry()];
  const same = play(plannedRun(), [...attempt(1, 'f', 3), ...broken, ...attempt(2, 'f', 5)]);
  expect(same.escalation?.trip.reason).toBe('same_failure');
  const still = play(plannedRun(), [...attempt(1, 'f', 3), ...broken, ...attempt(2, 'g', 3)]);
  expect(still.escalation?.trip.reason).toBe('no_progress');
});
