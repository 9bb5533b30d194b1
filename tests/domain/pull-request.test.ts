import { expect, test } from '@jest/globals';
import { pullRequestText } from '../../domain/pull-request.ts';
import type { Run } from '../../domain/run.ts';
import { gateResult, implementation, plannedRun, play, pullRequestOf } from '../support/run.ts';

function textOf(run: Run, siblings: Parameters<typeof pullRequestText>[2]['siblings'] = []) {
  const attempt = run.attempts[0];
  if (attempt === undefined) throw new Error('no attempt');
  return pullRequestText(run, attempt, { repository: 'api', siblings });
}

const proven = (): Run => play(plannedRun(), [implementation(), gateResult('checks'), gateResult('e2e')]);

test('a proven change names its criteria, commits, tests, attempts and cost, and carries the marker', () => {
  const { branch, title, body } = textOf(proven());
  expect([branch, title]).toEqual(['spec-to-pr/SPEC-1', 'SPEC-1: Gift cards']);
  for (const part of [
    '**AC-1** A card pays',
    'bbbbbbbbbbbb',
    '| e2e | **passed** | 4 of 4 tests passed',
    'Cost of the run: $0.50 of $20.00, 100 of 20000000 tokens, 1 attempt.',
    '<!-- spec-to-pr:shop/SPEC-1:f1 -->',
  ])
    expect(body).toContain(part);
  expect(body).not.toContain('Draft');
});

test('an unproven change says first what is missing', () => {
  expect(textOf(play(plannedRun(), [implementation(), gateResult('checks')])).body).toMatch(
    /^> \*\*Draft: not proven\.\*\* e2e did not run on attempt 1/,
  );
});

test('siblings are linked with their order', () => {
  const run = proven();
  const both: Run = {
    ...run,
    repositories: [...run.repositories, { key: 'web', url: '/w', base: 'main', baseCommit: 'd' }],
  };
  const { body } = textOf(both, [
    pullRequestOf('x'),
    { ...pullRequestOf('y'), repository: 'web', url: 'http://forge/web/1' },
  ]);
  expect(body).toContain('- web: http://forge/web/1\n\nMerge in this order: api, web.');
});

test('words that would close issues are defused', () => {
  const run = proven();
  const spec =
    run.spec === null ? null : { ...run.spec, criteria: [{ id: 'AC-1', text: 'Fixes #12 and closes acme/x#3' }] };
  const { body } = textOf({ ...run, spec });
  expect(body).not.toMatch(/(fixes|closes) (acme\/x)?#\d/i);
});
