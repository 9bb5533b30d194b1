import { expect, test } from '@jest/globals';
import { againstRefuted } from '../../domain/diagnosis.ts';
import type { Diagnosis } from '../../domain/diagnosis.ts';
import { debugPrompt } from '../../domain/debug-prompt.ts';
import type { Outcome } from '../../domain/outcome.ts';
import { implementPrompt } from '../../domain/prompt.ts';
import { commit, gateResult, implementation, plannedRun, play, red } from '../support/run.ts';

const agent = { name: 'scripted', options: {} };
const roles = { developer: { agent }, debugger: { agent } };
const directories = { api: '/w/api' };
const artifact = { ref: 'x/y', sha256: '0'.repeat(64), bytes: 1 };

function diagnosed(changes: Partial<Diagnosis> = {}): Outcome & { kind: 'diagnosed' } {
  const hypothesis = {
    ...{ id: 'h1.1', claim: 'cents are taken for dollars', kind: 'bug' as const, proposal: 'divide by 100' },
    ...{ evidence: [{ source: 'evidence/api.log', quote: 'total 5000' }], standing: 'open' as const, why: '1 of 1' },
  };
  const figures = { usd: 0.25, tokens: 50, turns: 2, seconds: 1, sessionId: 's' };
  return {
    kind: 'diagnosed',
    diagnosis: {
      ...{ end: 'done', why: '', hypotheses: [hypothesis], prompt: artifact, transcript: artifact, ...figures },
      ...changes,
    },
  };
}

const failedOnce = (passed = 5) => [implementation({ commits: commit(1) }), red('checks', 'f1', passed, commit(1))];
const standing = (run: ReturnType<typeof play>) => run.attempts[0]?.diagnosis?.hypotheses.map((one) => one.standing);

test('a failed gate is looked into before the next attempt, and what that cost is counted', () => {
  const looking = play(plannedRun({ roles }), failedOnce());
  expect(looking.step).toEqual({ at: 'diagnose' });
  const run = play(looking, [diagnosed()]);
  expect([run.step, run.usd, run.tokens, run.attempts.length]).toEqual([{ at: 'implement' }, 0.75, 150, 1]);
});

test('without a debugger, after an agent that changed nothing, and when the breaker trips, nobody is asked', () => {
  expect(play(plannedRun(), failedOnce()).step).toEqual({ at: 'implement' });
  expect(play(plannedRun({ roles }), [implementation({ changed: [] })]).step).toEqual({ at: 'implement' });
  const last = play(plannedRun({ roles, limits: { attempts: 1 } }), failedOnce());
  expect([last.step.at, last.escalation?.trip.reason]).toEqual(['escalated', 'attempts']);
});

test('the environment stays up for the diagnosis and no longer', () => {
  const up = { name: 'SPEC-1-1', addresses: { api: 'http://127.0.0.1:1' } };
  const [first, failed] = failedOnce();
  if (first === undefined || failed?.kind !== 'gated') throw new Error('unexpected');
  const looking = play(plannedRun({ roles }), [
    first,
    { kind: 'gated', result: { ...failed.result, environment: up } },
  ]);
  expect(looking.environment).toEqual(up);
  expect(play(looking, [diagnosed()]).environment).toBeNull();
  expect(
    debugPrompt({ run: looking, attempt: looking.attempts[0]!, body: '', directories, evidence: [], inspects: true }),
  ).toContain('- api: http://127.0.0.1:1');
});

test('a hypothesis is refuted when the next attempt fails the same tests, and confirmed when they pass', () => {
  const acted = play(plannedRun({ roles }), [...failedOnce(), diagnosed(), implementation({ commits: commit(2) })]);
  expect(standing(play(acted, [red('checks', 'f2', 7, commit(2))]))).toEqual(['refuted']);
  const other = red('checks', 'f2', 7, commit(2));
  const elsewhere = { ...other.result, findings: [{ ...other.result.findings[0]!, id: 'api:unit:b' }] };
  expect(standing(play(acted, [{ kind: 'gated', result: elsewhere }]))).toEqual(['confirmed']);
  const passed = play(acted, [gateResult('checks', { commits: commit(2) }), gateResult('e2e', { commits: commit(2) })]);
  expect(standing(passed)).toEqual(['confirmed']);
});

test('a hypothesis stays open while nothing shows whether it was right: its gate was not reached, or ran no test', () => {
  const [implemented] = failedOnce();
  if (implemented === undefined) throw new Error('unexpected');
  const ended = play(plannedRun({ roles }), [
    implemented,
    gateResult('checks', { commits: commit(1) }),
    red('e2e', 'f1', 5, commit(1)),
    diagnosed(),
    implementation({ commits: commit(2) }),
  ]);
  const earlier = red('checks', 'f2', 1, commit(2));
  const other = { ...earlier.result, findings: [{ ...earlier.result.findings[0]!, id: 'api:unit:b' }] };
  expect(standing(play(ended, [{ kind: 'gated', result: other }]))).toEqual(['open']);
  const reached = play(ended, [gateResult('checks', { commits: commit(2) })]);
  const broken = { ...red('e2e', 'f3', null, commit(2)).result, failureClass: 'compile_error' as const, findings: [] };
  expect(standing(play(reached, [{ kind: 'gated', result: broken }]))).toEqual(['open']);
});

test('a failure that names no test refutes nothing and confirms nothing, however it goes on', () => {
  const unnamed = (fingerprint: string, number: number, failureClass: 'test_failure' | 'timeout'): Outcome => {
    const { result } = red('checks', fingerprint, null, commit(number));
    return { kind: 'gated', result: { ...result, failureClass, findings: [] } };
  };
  for (const failureClass of ['test_failure', 'timeout'] as const) {
    const acted = play(plannedRun({ roles }), [
      implementation({ commits: commit(1) }),
      unnamed('f1', 1, failureClass),
      diagnosed(),
      implementation({ commits: commit(2) }),
    ]);
    expect(standing(play(acted, [unnamed('f2', 2, failureClass)]))).toEqual(['open']);
    expect(standing(play(acted, [red('checks', 'f2', 5, commit(2))]))).toEqual(['open']);
  }
});

test('prompts tell what is believed with its evidence, what was refuted, and what had no evidence', () => {
  const unproven = { ...diagnosed().diagnosis.hypotheses[0]!, standing: 'unproven' as const, claim: 'the moon' };
  const open = play(plannedRun({ roles }), [...failedOnce(), diagnosed()]);
  const prompt = implementPrompt({ run: open, body: 'Do it.', directories });
  for (const part of ['Believed, with evidence', 'cents are taken for dollars', 'divide by 100', 'total 5000'])
    expect(prompt).toContain(part);
  const rest = play(plannedRun({ roles }), [...failedOnce(), diagnosed({ hypotheses: [unproven] })]);
  const second = implementPrompt({ run: rest, body: 'Do it.', directories });
  expect(second).toContain('Claimed without evidence: not to be relied on');
  expect(second).not.toContain('divide by 100');
});

test('a debugger that asks for a new environment gets the same commits judged in one, once', () => {
  const looking = play(plannedRun({ roles, gates: ['checks', 'e2e'] }), [
    implementation({ commits: commit(1) }),
    gateResult('checks', { commits: commit(1) }),
    red('e2e', 'f1', 5, commit(1)),
    diagnosed({ end: 'blocked', cord: 'reprovision', why: 'the disk is full', hypotheses: [] }),
  ]);
  expect([looking.step, looking.reprovisions, looking.attempts.length]).toEqual([{ at: 'gate', gate: 1 }, 1, 1]);
  expect(looking.cords).toEqual([{ role: 'debugger', cord: 'reprovision', why: 'the disk is full', at: 0 }]);
  const again = play(looking, [
    red('e2e', 'f2', 6, commit(1)),
    diagnosed({ end: 'blocked', cord: 'reprovision', why: 'still full' }),
  ]);
  expect(again.escalation?.trip).toEqual({
    reason: 'infrastructure',
    why: 'the debugger takes the environment for sick: still full',
  });
});

test('a developer that asks for a new environment spends no attempt, and its next session is another one', () => {
  const run = play(plannedRun({ roles: { developer: { agent } } }), [
    ...failedOnce(),
    implementation({ end: 'blocked', cord: 'reprovision', why: 'port is dead', commits: commit(2) }),
  ]);
  expect([run.step, run.attempts.length, run.usd, run.cords.length]).toEqual([{ at: 'gate', gate: 0 }, 1, 1, 1]);
});

test('a debugger that asks for a person stops the run, and a retry goes on with an attempt', () => {
  const run = play(plannedRun({ roles }), [
    ...failedOnce(),
    diagnosed({ end: 'blocked', cord: 'human', why: 'which currency?', hypotheses: [] }),
  ]);
  expect(run.escalation?.trip).toEqual({ reason: 'blocked', why: 'the debugger asks for a person: which currency?' });
  expect(
    play(run, [{ kind: 'answered', answer: { decision: 'retry', channel: 'update', guidance: 'EUR' } }]).step,
  ).toEqual({ at: 'implement' });
});

test('work that is said to be done already is judged by every gate, and ends without a pull request and not as completed', () => {
  const claimed = implementation({ cord: 'already_done', why: 'cards exist', changed: [], commits: commit(0) });
  const judged = play(plannedRun(), [claimed]);
  expect(judged.step).toEqual({ at: 'gate', gate: 0 });
  expect(play(judged, [red('checks', 'f', 3, commit(0))]).step).toEqual({ at: 'implement' });
  const ended = play(judged, [
    gateResult('checks', { commits: commit(0) }),
    gateResult('e2e', { commits: commit(0) }),
    { kind: 'published', pullRequests: [] },
  ]);
  expect([ended.ending, ended.why]).toEqual([
    'partial',
    'nothing to publish: every gate passed, and the agent says cards exist',
  ]);
});

test('a hypothesis that was refuted stays so, however a later session words it', () => {
  const acted = play(plannedRun({ roles }), [...failedOnce(), diagnosed(), implementation({ commits: commit(2) })]);
  const refuted = play(acted, [red('checks', 'f2', 7, commit(2))]);
  const [before] = refuted.attempts[0]?.diagnosis?.hypotheses ?? [];
  if (before === undefined) throw new Error('nothing was believed');
  const again = {
    ...before,
    id: 'h2.1',
    claim: ` ${before.claim.toUpperCase()}! `,
    standing: 'open' as const,
    why: '',
  };
  const other = { ...again, id: 'h2.2', claim: 'the clock is wrong' };
  expect(againstRefuted([again, other], refuted).map(({ standing, why }) => [standing, why])).toEqual([
    ['refuted', `the same as ${before.id}: ${before.why}`],
    ['open', ''],
  ]);
});
