import { expect, test } from '@jest/globals';
import { trips } from '../../domain/breaker.ts';
import type { Limits } from '../../domain/project.ts';
import { bestAttempt, progressOf, startingPoint } from '../../domain/progress.ts';
import type { Outcome } from '../../domain/outcome.ts';
import type { Attempt, Run } from '../../domain/run.ts';
import { commit, gateResult, implementation, plannedRun, red } from '../support/run.ts';

type Row = readonly [fingerprint: string, passed: number | null];

function attemptsOf(rows: readonly Row[], limits: Partial<Limits> = {}): Run {
  const attempts = rows.map(([fingerprint, passed], index): Attempt => {
    const commits = commit(index + 1);
    return {
      number: index + 1,
      implementation: implementation({ commits }).implementation,
      gates: [red('checks', fingerprint, passed, commits).result],
    };
  });
  return { ...plannedRun({ limits: { attempts: 5, ...limits } }), attempts, usd: 0.5 * rows.length };
}

test.each<[string, readonly Row[], string | undefined]>([
  ['one failure', [['f', 3]], undefined],
  [
    'two different failures with progress',
    [
      ['f', 3],
      ['g', 5],
    ],
    undefined,
  ],
  [
    'the same failure twice running',
    [
      ['f', 3],
      ['f', 9],
    ],
    'same_failure',
  ],
  [
    'the same failure, but not running',
    [
      ['f', 3],
      ['g', 5],
      ['f', 7],
    ],
    undefined,
  ],
  [
    'failures that cannot be told apart',
    [
      ['', 3],
      ['', 5],
    ],
    undefined,
  ],
  [
    'no test more passes',
    [
      ['f', 3],
      ['g', 3],
    ],
    'no_progress',
  ],
  [
    'fewer tests pass',
    [
      ['f', 5],
      ['g', 3],
    ],
    'no_progress',
  ],
  [
    'better than the last but not than the best',
    [
      ['f', 6],
      ['g', 7],
      ['h', 3],
      ['i', 7],
    ],
    'no_progress',
  ],
  [
    'unknown progress now',
    [
      ['f', 3],
      ['g', null],
    ],
    undefined,
  ],
  [
    'unknown progress before',
    [
      ['f', null],
      ['g', 3],
    ],
    undefined,
  ],
  [
    'all attempts used',
    [
      ['a', 1],
      ['b', 3],
      ['c', 5],
      ['d', 7],
      ['e', 9],
    ],
    'attempts',
  ],
])('the breaker on %s', (_, rows, reason) => {
  expect(trips(attemptsOf(rows))?.reason).toBe(reason);
});

test('progress of exactly 5 % does not trip, a hair less does', () => {
  const run = attemptsOf([
    ['f', 3],
    ['g', 3],
  ]);
  const withCounts = (passed: number, before = 500): Run => ({
    ...run,
    attempts: run.attempts.map((attempt, index) => ({
      ...attempt,
      gates: attempt.gates.map((gate) => ({
        ...gate,
        tests: { passed: index === 0 ? before : passed, failed: 0, total: 1000 },
      })),
    })),
  });
  expect(trips(withCounts(550))).toBeUndefined();
  // 0.6 - 0.55 is less than 0.05 in floating point.
  expect(trips(withCounts(600, 550))).toBeUndefined();
  expect(trips(withCounts(549))).toEqual({
    reason: 'no_progress',
    why: '54.9 % of the known tests pass, the best before was 50.0 %',
  });
});

test('reaching a later gate is progress although fewer tests of that gate pass', () => {
  const early: Attempt = {
    number: 1,
    implementation: implementation().implementation,
    gates: [red('checks', 'f', 8).result],
  };
  const outcome: (Outcome & { kind: 'gated' })[] = [
    gateResult('checks', { tests: { passed: 10, failed: 0, total: 10 } }),
    red('e2e', 'g', 1),
  ];
  const late: Attempt = { ...early, number: 2, gates: outcome.map(({ result }) => result) };
  const run: Run = { ...plannedRun(), attempts: [early, late] };
  expect([progressOf(run, early), progressOf(run, late)]).toEqual([8 / 20, 11 / 20]);
  expect(trips(run)).toBeUndefined();
});

test('the best attempt is the one with most gates passed, then most tests, then the newest', () => {
  expect(
    bestAttempt(
      attemptsOf([
        ['f', 5],
        ['g', 3],
      ]),
    )?.number,
  ).toBe(1);
  expect(
    bestAttempt(
      attemptsOf([
        ['f', 5],
        ['g', 5],
      ]),
    )?.number,
  ).toBe(2);
  expect(bestAttempt(plannedRun())).toBeUndefined();
});

test.each<[string, [string, number | null][], number]>([
  [
    'better than before',
    [
      ['f', 3],
      ['g', 5],
    ],
    2,
  ],
  [
    'just as good',
    [
      ['f', 5],
      ['g', 5],
    ],
    2,
  ],
  [
    'worse than before',
    [
      ['f', 5],
      ['g', 3],
    ],
    1,
  ],
  [
    'worse twice',
    [
      ['f', 5],
      ['g', 3],
      ['h', 4],
    ],
    1,
  ],
])('the next attempt goes on from the best work: the last was %s', (_, attempts, number) => {
  expect(startingPoint(attemptsOf(attempts))?.number).toBe(number);
});

test('work that no gate has judged, or that the host stopped, is gone on from', () => {
  const before = attemptsOf([['f', 5]]);
  const unjudged: Attempt = { number: 2, implementation: implementation({ end: 'stalled' }).implementation, gates: [] };
  const stopped: Attempt = {
    ...unjudged,
    gates: [gateResult('checks', { result: 'failed', failureClass: 'timeout', tests: null }).result],
  };
  for (const last of [unjudged, stopped])
    expect(startingPoint({ ...before, attempts: [...before.attempts, last] })?.number).toBe(2);
});
