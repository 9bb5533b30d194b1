import { expect, test } from '@jest/globals';
import { advance } from '../../domain/advance.ts';
import { dossierOf } from '../../domain/dossier.ts';
import type { Outcome } from '../../domain/outcome.ts';
import { phaseOf } from '../../domain/phase.ts';
import { implementPrompt } from '../../domain/prompt.ts';
import { gateResult, implementation, plannedRun, play } from '../support/run.ts';

const retry = (extra = {}): Outcome => ({
  kind: 'answered',
  answer: { decision: 'retry', channel: 'update', ...extra },
});

test('an infrastructure failure of a gate costs no attempt and a retry goes back to the gate', () => {
  const run = play(plannedRun(), [
    implementation(),
    gateResult('checks', { result: 'not_run', failureClass: 'infra', why: 'no disk' }),
  ]);
  expect(run.escalation).toMatchObject({
    trip: { reason: 'infrastructure', why: 'checks: no disk' },
    back: { at: 'gate', gate: 0 },
  });
  const back = advance(run, retry());
  expect([phaseOf(back), back.attempts.length]).toEqual(['checks', 1]);
});

test('what infrastructure kept from being judged is shown with its evidence, has no fingerprint, and guidance brings it to an agent', () => {
  const artifacts = [{ ref: 'x/attempt-1/e2e/api.log', sha256: '0'.repeat(64), bytes: 1 }];
  const sick = gateResult('checks', {
    result: 'not_run',
    failureClass: 'infra',
    why: 'no disk',
    excerpt: 'ENOSPC',
    artifacts,
  });
  const run = play(plannedRun(), [implementation(), sick]);
  const record = dossierOf(run, { environment: 'gone' })?.attempts[0];
  expect(record).toMatchObject({
    ...{ fingerprint: '', excerpt: 'ENOSPC', artifacts: expect.arrayContaining(['x/attempt-1/e2e/api.log']) },
    gates: [{ gate: 'checks', result: 'not_run', why: 'no disk', failureClass: 'infra' }],
  });
  const guided = advance(run, retry({ guidance: 'write less' }));
  expect([phaseOf(guided), implementPrompt({ run: guided, body: '', directories: {} })]).toEqual([
    'implement',
    expect.stringContaining('Gate checks: not_run. no disk'),
  ]);
  const judged = play(advance(run, retry()), [gateResult('checks')]);
  expect([judged.attempts[0]?.unjudged, judged.attempts[0]?.gates.length]).toEqual([undefined, 1]);
});
