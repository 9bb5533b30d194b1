import { expect, test } from '@jest/globals';
import { advance } from '../../domain/advance.ts';
import type { AgentEnd } from '../../domain/agent.ts';
import type { Outcome } from '../../domain/outcome.ts';
import { phaseOf } from '../../domain/phase.ts';
import type { Run } from '../../domain/run.ts';
import {
  COMMIT_A,
  COMMIT_B,
  commit,
  gateResult,
  implementation,
  ingested,
  plannedRun,
  play,
  pullRequestOf,
  red,
} from '../support/run.ts';

const published = (headSha: string): Outcome => ({ kind: 'published', pullRequests: [pullRequestOf(headSha)] });
const retry = (extra = {}): Outcome => ({
  kind: 'answered',
  answer: { decision: 'retry', channel: 'update', ...extra },
});
const attempt = (n: number, fingerprint: string, passed: number | null): Outcome[] => [
  implementation({ commits: commit(n) }),
  red('checks', fingerprint, passed, commit(n)),
];
const handedOver: Outcome = { kind: 'handed_over', takeover: { host: 'h', worktrees: [] } };
const takingOver = (): Run =>
  advance(escalatedRun(), { kind: 'answered', answer: { decision: 'take_over', channel: 'update' } });
const escalatedRun = (): Run => play(plannedRun(), [...attempt(1, 'f', 1), ...attempt(2, 'f', 1)]);

test('a clean run goes through its gates in order and ends completed', () => {
  const phases: string[] = [];
  let run = plannedRun();
  for (const outcome of [implementation(), gateResult('checks'), gateResult('e2e'), published(COMMIT_B)]) {
    phases.push(phaseOf(run));
    run = advance(run, outcome);
  }
  expect([...phases, phaseOf(run)]).toEqual(['implement', 'checks', 'e2e', 'publish', 'completed']);
  expect([run.ending, run.why, run.usd, run.tokens]).toEqual(['completed', '', 0.5, 100]);
});

test('a failed gate leads to another attempt, and three different failures with progress to an escalation by attempts', () => {
  const run = play(plannedRun(), [...attempt(1, 'f1', 2), ...attempt(2, 'f2', 4), ...attempt(3, 'f3', 6)]);
  expect(phaseOf(run)).toBe('escalated');
  expect(run.escalation).toMatchObject({
    id: 'q1',
    trip: { reason: 'attempts', why: '3 of 3 attempts failed' },
    back: { at: 'implement' },
  });
});

test('the same fingerprint twice running stops before the attempts are used up', () => {
  expect(escalatedRun().escalation?.trip).toMatchObject({ reason: 'same_failure' });
});

test('a gate that ran nothing does not pass, even when it says so', () => {
  const run = play(plannedRun(), [implementation(), gateResult('checks', { examined: 0 })]);
  expect(phaseOf(run)).toBe('implement');
});

test('a gate that judged other commits does not pass', () => {
  const run = play(plannedRun(), [implementation(), gateResult('checks', { commits: { api: COMMIT_A } })]);
  expect(phaseOf(run)).toBe('implement');
});

test('an attempt without a change goes to no gate', () => {
  const once = play(plannedRun(), [implementation({ changed: [], commits: { api: COMMIT_A } })]);
  expect(phaseOf(once)).toBe('implement');
  const twice = play(once, [implementation({ changed: [], commits: { api: COMMIT_A } })]);
  expect(twice.escalation?.trip).toMatchObject({
    reason: 'same_failure',
    why: expect.stringContaining('agent:no_change'),
  });
});

test('commits that a gate has refused are not tested again', () => {
  const run = play(plannedRun(), [...attempt(1, 'f1', 2), implementation({ commits: commit(1) })]);
  expect(phaseOf(run)).toBe('implement');
  expect(run.attempts[1]?.gates).toEqual([]);
});

test.each<[AgentEnd, string, string]>([
  ['blocked', 'blocked', 'the agent ended blocked: because'],
  ['needs_human', 'blocked', 'the agent ended needs_human: because'],
  ['refused', 'blocked', 'the agent ended refused: because'],
  ['budget_exhausted', 'budget', 'the agent ended budget_exhausted: because'],
  ['quota_parked', 'infrastructure', 'the agent ended quota_parked: because'],
  ['provider_down', 'infrastructure', 'the agent ended provider_down: because'],
])('an agent that ends %s escalates as %s', (end, reason, why) => {
  const run = play(plannedRun(), [implementation({ end, why: 'because' })]);
  expect(run.escalation?.trip).toEqual({ reason, why });
});

test.each<AgentEnd>(['incomplete_handoff', 'stalled', 'crashed', 'contract_violation', 'cancelled'])(
  'an agent that ends %s gets another attempt, and escalates when it ends so again',
  (end) => {
    const once = play(plannedRun(), [implementation({ end })]);
    expect(phaseOf(once)).toBe('implement');
    expect(phaseOf(play(once, [implementation({ end, commits: commit(2) })]))).toBe('escalated');
  },
);

test('a broken publish escalates, and a retry publishes again', () => {
  const run = play(plannedRun(), [
    implementation(),
    gateResult('checks'),
    gateResult('e2e'),
    { kind: 'broken', why: 'push: refused' },
  ]);
  expect(run.escalation?.trip).toEqual({ reason: 'infrastructure', why: 'push: refused' });
  expect(phaseOf(advance(run, retry()))).toBe('publish');
});

test('a retry grants one attempt more, keeps the answer, and counts no waiting time', () => {
  const waiting = escalatedRun();
  const run = advance({ ...waiting, now: 60_000 }, retry({ guidance: 'use cents', by: 'ann' }));
  expect([phaseOf(run), run.limits.attempts, run.waited, run.escalation]).toEqual(['implement', 3, 60_000, null]);
  expect(run.answers).toEqual([
    { decision: 'retry', channel: 'update', guidance: 'use cents', by: 'ann', question: 'q1', at: 60_000 },
  ]);
  const again = play(run, attempt(3, 'g', 1));
  expect(again.escalation?.id).toBe('q2');
});

test('accept_draft publishes the best attempt as a draft', () => {
  const run = advance(escalatedRun(), { kind: 'answered', answer: { decision: 'accept_draft', channel: 'signal' } });
  expect([phaseOf(run), run.draft]).toEqual(['publish', true]);
  const done = advance(run, published(commit(2).api));
  expect([done.ending, done.why]).toEqual(['completed_draft', 'checks failed: tests failed']);
});

test('abort ends the run and says why it had stopped', () => {
  const run = advance(escalatedRun(), {
    kind: 'answered',
    answer: { decision: 'abort', channel: 'update', by: 'ann' },
  });
  expect([run.ending, run.why]).toEqual([
    'aborted',
    expect.stringMatching(/^aborted by ann: attempts 1 and 2 failed the same way/),
  ]);
});

test('pull requests that hold other commits, or miss a repository, are not success', () => {
  const ready = play(plannedRun(), [implementation(), gateResult('checks'), gateResult('e2e')]);
  expect(advance(ready, published(COMMIT_A)).ending).toBe('partial');
  expect(advance(ready, { kind: 'published', pullRequests: [] })).toMatchObject({
    ending: 'partial',
    why: 'no pull request in api',
  });
});

test('every outcome in every step gives a run, and an ended run never changes', () => {
  const ready = play(plannedRun(), [implementation(), gateResult('checks'), gateResult('e2e')]);
  const runs: Run[] = [
    { ...plannedRun(), step: { at: 'ingest' } },
    { ...plannedRun(), step: { at: 'plan' } },
    plannedRun(),
    play(plannedRun(), [implementation()]),
    ready,
    escalatedRun(),
    advance(ready, published(COMMIT_B)),
    takingOver(),
    advance(takingOver(), handedOver),
    play(takingOver(), [handedOver, { kind: 'answered', answer: { decision: 'resume', channel: 'signal' } }]),
  ];
  const outcomes: Outcome[] = [
    ingested(),
    { kind: 'planned', repositories: [], tasks: [] },
    implementation(),
    gateResult('checks'),
    published(COMMIT_B),
    retry(),
    handedOver,
    { kind: 'not_taken_back', why: 'not committed' },
    { kind: 'rejected', why: 'bad' },
    { kind: 'broken', why: 'down' },
    { kind: 'cancelled' },
  ];
  for (const run of runs)
    for (const outcome of outcomes) {
      const next = advance(run, outcome);
      if (run.ending !== null) expect(next).toBe(run);
      else if (outcome.kind === 'cancelled') expect(next.ending).toBe('cancelled');
      else expect(next.step.at === 'ended' ? next.ending : 'going on').not.toBeNull();
      const waits = next.step.at === 'escalated' || next.step.at === 'taken_over';
      expect(next.escalation !== null).toBe(waits);
    }
});

test('a session that is parked for quota is no attempt, costs no wall clock, and is over when its report comes', () => {
  const run = plannedRun();
  const parked = advance({ ...run, now: 1000 }, { kind: 'parked', until: 61_000, why: 'quota is used up' });
  expect([parked.step, parked.attempts, parked.parked, parked.waited]).toEqual([
    { at: 'implement' },
    [],
    { until: 61_000, why: 'quota is used up' },
    60_000,
  ]);
  const after = advance(parked, implementation());
  expect([after.step, after.attempts.length, after.parked]).toEqual([{ at: 'gate', gate: 0 }, 1, undefined]);
});

test('the personas of a plan are pinned, and a plan that is refused ends the run before any session', () => {
  const planning: Run = { ...plannedRun(), step: { at: 'plan' } };
  const personas = { developer: { name: 'careful', repository: 'api', sha256: 'h' } };
  const planned: Outcome = { kind: 'planned', repositories: planning.repositories, tasks: planning.tasks, personas };
  const run = play(planning, [planned, implementation()]);
  expect([run.personas, run.attempts.length]).toEqual([personas, 1]);
  const refused = advance(planning, { kind: 'rejected', why: 'no such persona' });
  expect([refused.step, refused.ending, refused.why, refused.usd, refused.attempts]).toEqual([
    { at: 'ended' },
    'failed',
    'no such persona',
    0,
    [],
  ]);
});
