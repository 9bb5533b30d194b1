import { expect, test } from '@jest/globals';
import { advance } from '../../domain/advance.ts';
import type { FailureClass } from '../../domain/gate.ts';
import { nextTry, whyUnjudged } from '../../domain/retry.ts';
import { gateResult, implementation, plannedRun, play } from '../support/run.ts';

/** The waits of a gate whose tries end like this, the last of these for ever, and `new` before tries in another environment. */
function course(
  waits: readonly number[],
  [first, ...later]: readonly [FailureClass | null, ...FailureClass[]],
): string {
  const told: string[] = [];
  let environments = ['one'];
  let failureClass = first;
  for (let times = 1; ; times += 1) {
    const next = nextTry({ failureClass }, { waits, tries: { times, environments } });
    if (next === undefined) return told.join(', ');
    if (next.environment === 'new') environments = [...environments, `another ${times}`];
    told.push(`${next.seconds} ${next.environment}`);
    failureClass = later.shift() ?? failureClass;
  }
}

test.each<[string, readonly number[], readonly [FailureClass | null, ...FailureClass[]], string]>([
  [
    'an endless fault is waited for in the same environment, and tried last in a new one',
    [5, 30],
    ['infra'],
    '5 same, 30 new',
  ],
  ['a single wait leads to the new one', [5], ['infra'], '5 new'],
  ['without waits a person is asked at once', [], ['infra'], ''],
  ['more waits make no more environments', [1, 2, 3, 4], ['infra'], '1 same, 2 same, 3 same, 4 new'],
  ['a sick environment is given up at once, and a second sick one ends it', [5, 30], ['env_sick'], '5 new'],
  ['so is one that runs other commits', [5, 30], ['deploy_stale'], '5 new'],
  ['a fault in the new one is waited for there', [5, 30, 60], ['env_sick', 'infra'], '5 new, 30 same, 60 same'],
  [
    'an environment that falls sick later is replaced then',
    [1, 2, 3],
    ['infra', 'env_sick', 'infra'],
    '1 same, 2 new, 3 same',
  ],
  ['sickness after the new one came is the end', [1, 2, 3], ['env_sick', 'infra', 'env_sick'], '1 new, 2 same'],
  ['a passed gate counts', [5, 30], [null], ''],
  ['a red test counts', [5, 30], ['test_failure'], ''],
  ['a candidate that does not come up counts', [5, 30], ['deploy_failed'], ''],
  ['a result after a fault counts', [5, 30], ['infra', 'no_tests'], '5 same'],
])('%s', (_title, waits, classes, expected) => {
  expect(course(waits, classes)).toBe(expected);
});

test('checks, which have no environment, wait as often', () => {
  const tries = (times: number) => ({ waits: [5, 30], tries: { times, environments: [] } });
  expect([1, 2, 3].map((times) => nextTry({ failureClass: 'infra' }, tries(times))?.seconds)).toEqual([
    5,
    30,
    undefined,
  ]);
});

test('the question names what is broken, its class, how often and where it was tried', () => {
  const sick = gateResult('checks', {
    ...{ result: 'not_run', failureClass: 'infra', why: 'no disk', tries: { times: 3, environments: ['a-1', 'a-2'] } },
  });
  const { escalation } = play(plannedRun(), [implementation(), sick]);
  expect(escalation?.trip).toEqual({
    reason: 'infrastructure',
    why: 'checks: no disk (infra, 3 tries in a-1 and a-2)',
  });
  if (sick.kind !== 'gated') throw new Error('a gate was made up');
  const alone = { ...sick.result, tries: { times: 1, environments: [] } };
  expect(whyUnjudged(alone)).toBe('checks: no disk (infra, 1 try)');
  expect(advance(play(plannedRun(), [implementation()]), { kind: 'gated', result: alone }).escalation?.trip.why).toBe(
    'checks: no disk (infra, 1 try)',
  );
});
