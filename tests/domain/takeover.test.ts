import { expect, test } from '@jest/globals';
import { advance } from '../../domain/advance.ts';
import type { Answer } from '../../domain/answer.ts';
import { attemptTable } from '../../domain/describe.ts';
import { dossierMarkdown, dossierSummary } from '../../domain/dossier-markdown.ts';
import { dossierOf } from '../../domain/dossier.ts';
import { answerCommands } from '../../domain/commands.ts';
import { questionNotification, subjectOf } from '../../domain/notification.ts';
import type { Outcome } from '../../domain/outcome.ts';
import { phaseOf } from '../../domain/phase.ts';
import type { Run } from '../../domain/run.ts';
import { elsewhereCommands, takeoverLines } from '../../domain/takeover.ts';
import { COMMIT_A, commit, gateResult, implementation, plannedRun, play, pullRequestOf, red } from '../support/run.ts';

const answer = (given: Answer): Outcome => ({ kind: 'answered', answer: { ...given, channel: 'update' } });
const escalated = (): Run =>
  play(
    plannedRun(),
    [1, 2, 3].flatMap((n) => [implementation({ commits: commit(n) }), red('checks', `f${n}`, n, commit(n))]),
  );
const CLONE = '/home/ann o’neil/taken-over/q1/api';
const worktree = { repository: 'api', directory: CLONE, branch: 'spec-to-pr/SPEC-1', commit: commit(3).api };
const handed: Outcome = {
  kind: 'handed_over',
  takeover: { by: 'ann', host: 'build-1', worktrees: [{ ...worktree, elsewhere: ['git clone /srv/api.git api'] }] },
};
const takenOver = (): Run => play(escalated(), [answer({ decision: 'take_over', by: 'ann' }), handed]);
const theirs = implementation({ by: 'ann', commits: commit(4), usd: 0, tokens: 0, turns: 0 });

test('a run that is taken over waits, goes on from the person’s commits through every gate, and is published', () => {
  const phases: string[] = [];
  let run = escalated();
  const gates = [gateResult('checks', { commits: commit(4) }), gateResult('e2e', { commits: commit(4) })];
  const published: Outcome = { kind: 'published', pullRequests: [pullRequestOf(commit(4).api)] };
  const back = [answer({ decision: 'resume', by: 'ann' }), theirs, ...gates, published];
  for (const outcome of [answer({ decision: 'take_over', by: 'ann' }), handed, ...back]) {
    run = advance(run, outcome);
    phases.push(phaseOf(run));
  }
  expect(phases).toEqual(['hand_over', 'taken_over', 'take_back', 'checks', 'e2e', 'publish', 'completed']);
  expect([run.attempts[3]?.implementation.by, run.usd, run.takeover, run.why]).toEqual(['ann', 1.5, undefined, '']);
  expect(attemptTable(run.attempts)).toContain('| 4 | api | by `ann`, checks passed');
});

test('the time that a person takes costs no wall clock', () => {
  const begun = { ...takenOver(), now: 0 };
  expect(advance({ ...begun, now: 3_600_000 }, answer({ decision: 'resume' })).waited).toBe(3_600_000);
});

test('a person’s attempt is one more than was allowed, and red it is asked about as any other', () => {
  const run = play(takenOver(), [answer({ decision: 'resume' }), theirs]);
  expect(run.limits.attempts).toBe(4);
  const failed = advance(run, red('checks', 'g', 9, commit(4)));
  expect([phaseOf(failed), failed.escalation?.trip.why, failed.escalation?.id]).toEqual([
    'escalated',
    '4 of 4 attempts failed',
    'q3',
  ]);
  const granted = play(takenOver(), [
    answer({ decision: 'resume', attempts: 1 }),
    theirs,
    red('checks', 'g', 9, commit(4)),
  ]);
  expect([phaseOf(granted), granted.limits.attempts]).toEqual(['implement', 5]);
});

test.each<[Outcome, string]>([
  [{ kind: 'not_taken_back', why: 'api: not committed: a.js' }, 'not resumed: api: not committed: a.js'],
  [{ kind: 'broken', why: 'takeBack: no disk' }, 'not resumed: takeBack: no disk'],
])('a resume that ends with %j leaves the person at work, with another question', (outcome, why) => {
  const run = play(takenOver(), [answer({ decision: 'resume' }), outcome]);
  expect([phaseOf(run), run.escalation?.id, run.escalation?.trip.why, run.escalation?.back]).toEqual([
    'taken_over',
    'q3',
    why,
    { at: 'implement' },
  ]);
  expect(run.takeover).toEqual(takenOver().takeover);
});

test('a resume that is refused grants nothing, however often, and one that is taken grants once', () => {
  const waiting = (): Run => {
    const { limits, ...run } = takenOver();
    return { ...run, limits: { ...limits, project: { usd: 50, per: 'month' } }, untold: ['implement-1'] };
  };
  const grant = answer({ decision: 'resume', usd: 5, tokens: 7, minutes: 1, attempts: 2 });
  const refused: Outcome = { kind: 'not_taken_back', why: 'api: not committed: a.js' };
  const run = play(waiting(), [grant, refused, grant, refused]);
  const funds = ({ limits, overdraft, untold }: Run): unknown => ({ limits, overdraft, untold });
  expect(funds(run)).toEqual(funds(waiting()));
  expect(run.escalation?.trip.why).toBe('not resumed, nothing granted: api: not committed: a.js');
  const { limits, overdraft, untold } = play(run, [grant, theirs]);
  const { usd, tokens, runSeconds } = waiting().limits;
  expect([limits.usd - usd, limits.tokens - tokens, limits.runSeconds - runSeconds]).toEqual([5, 7, 60]);
  expect([overdraft, untold]).toEqual([{ usd: 5, tokens: 7 }, undefined]);
});

test('a hand-over that breaks asks again, and a retry goes where it would have gone', () => {
  const run = play(escalated(), [answer({ decision: 'take_over' }), { kind: 'broken', why: 'handOver: no disk' }]);
  expect([phaseOf(run), run.escalation?.trip.reason, run.escalation?.back]).toEqual([
    'escalated',
    'infrastructure',
    { at: 'implement' },
  ]);
});

test('a retry gives a run back to the agent, a draft and an abort end it; who was at work stays known at the end', () => {
  const retried = advance(takenOver(), answer({ decision: 'retry' }));
  expect([phaseOf(retried), retried.takeover]).toEqual(['implement', undefined]);
  expect(phaseOf(advance(takenOver(), answer({ decision: 'accept_draft' })))).toBe('publish');
  const aborted = advance(takenOver(), answer({ decision: 'abort', by: 'ben' }));
  expect([aborted.ending, aborted.takeover?.by]).toEqual(['aborted', 'ann']);
});

test('status, dossier and notification say where the worktrees are and how to give them back', () => {
  const run = takenOver();
  expect(takeoverLines(run)).toEqual([
    '# on build-1: commit on the branch, then spec-to-pr answer shop/SPEC-1 resume',
    `cd '${CLONE}'  # api, branch spec-to-pr/SPEC-1 from cccccccccccc`,
    '# on another machine; push the branch, then spec-to-pr answer shop/SPEC-1 resume --at api=spec-to-pr/SPEC-1',
    'git clone /srv/api.git api',
  ]);
  expect(answerCommands(run)[0]).toBe('spec-to-pr answer shop/SPEC-1 resume --question q2');
  const made = dossierOf(run, { environment: 'none' });
  if (made === undefined) throw new Error('no dossier');
  for (const text of [dossierMarkdown(made), dossierSummary(made, '')]) expect(text).toContain(`cd '${CLONE}'`);
  expect(dossierMarkdown(made)).toMatch(/^# SPEC-1 waits for a person’s commits \(q2\)/);
  const subject = subjectOf(run, { origin: 'test', repositories: [] });
  expect(questionNotification(run, { subject, body: '', reminder: 0 }).title).toBe(
    'SPEC-1 needs commits: ann has taken the run over: it goes on from their commits after resume',
  );
});

test('commands for another machine: from the state remote, from the base alone, or none', () => {
  const order = { repository: 'api', url: 'https://forge/a b.git', branch: 'b', commit: COMMIT_A, baseCommit: 'd' };
  const state = { url: '/srv/state.git', ref: 'refs/x/handed-over-q1' };
  expect(elsewhereCommands({ ...order, state })).toEqual([
    "git clone 'https://forge/a b.git' api",
    'git -C api fetch /srv/state.git refs/x/handed-over-q1:b',
    'git -C api switch b',
  ]);
  expect(elsewhereCommands({ ...order, baseCommit: COMMIT_A })).toEqual([
    "git clone 'https://forge/a b.git' api",
    `git -C api switch -c b ${COMMIT_A}`,
  ]);
  expect(elsewhereCommands(order)).toEqual([]);
});
