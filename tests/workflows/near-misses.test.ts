import { expect, test } from '@jest/globals';
import { played } from '../support/played.ts';
import type { Played } from '../support/played.ts';
import { shows } from '../support/suite.ts';
import type { SuiteProject } from '../support/suite.ts';
import { stageOfFile } from '../support/whole-runs.ts';

const stage = stageOfFile('near-misses');

const PASSES = shows({ passing: 10 });
const ends = (sessions: number): readonly string[] =>
  Array.from({ length: sessions }, (_, index) => `implement-${index + 1}`);

interface Row {
  readonly title: string;
  readonly order: SuiteProject;
  readonly sessions: number;
  /** Further facts of the run, and what they are. */
  readonly facts?: (shown: Played) => unknown;
  readonly are?: unknown;
}

const ROWS: readonly Row[] = [
  {
    title: 'the same test fails twice running, with another message',
    order: {
      attempts: [
        [shows({ passing: 1, failing: { a: 'expected 3, got 4' } })],
        [shows({ passing: 4, failing: { a: 'connection closed by peer' } })],
        [PASSES],
      ],
    },
    sessions: 3,
  },
  {
    title: 'progress of exactly 5 %',
    order: {
      attempts: [
        [shows({ passing: 11, many: { count: 9, message: 'one' } })],
        [shows({ passing: 12, many: { count: 8, message: 'two' } })],
        [PASSES],
      ],
    },
    sessions: 3,
  },
  {
    title: 'failures of a suite that counts nothing',
    order: {
      options: '--plain',
      attempts: [[shows({ failing: { a: 'cannot add' } })], [shows({ failing: { a: 'cannot subtract' } })], [PASSES]],
    },
    sessions: 3,
    facts: ({ run }) => run.attempts.map(({ gates }) => gates.map(({ tests }) => tests)),
    are: [[null], [null], [null]],
  },
  {
    title: 'a test that fails and passes when it runs again on the same commits',
    order: { attempts: [[shows({ passing: 3, flaky: ['now and then'] })]] },
    sessions: 1,
    facts: ({ run }) => run.attempts.flatMap(({ gates }) => gates.map(({ flakes }) => flakes)),
    are: [[{ id: expect.stringContaining('now and then'), rate: { failed: 1, runs: 2 } }]],
  },
  {
    title: 'a budget that the last session spends to the cent, and its work passes',
    order: {
      attempts: [
        [{ spend: { usd: 0.25, tokens: 60 } }, shows({ passing: 1, failing: { a: 'one' } })],
        [{ spend: { usd: 0.25, tokens: 40 } }, PASSES],
      ],
      limits: { usd: 0.5, tokens: 100 },
    },
    sessions: 2,
    facts: ({ run }) => [run.usd, run.tokens],
    are: [0.5, 100],
  },
  {
    title: 'the last attempt of the limit passes',
    order: {
      attempts: [
        [shows({ passing: 2, failing: { a: 'one', b: 'one' } })],
        [shows({ passing: 3, failing: { b: 'two' } })],
        [PASSES],
      ],
    },
    sessions: 3,
  },
  {
    title: 'the same failure as two attempts before, but not as the last',
    order: {
      attempts: [
        [shows({ passing: 2, failing: { a: 'one' } })],
        [shows({ passing: 4, failing: { b: 'one' } })],
        [shows({ passing: 6, failing: { a: 'one' } })],
        [PASSES],
      ],
      limits: { attempts: 4 },
    },
    sessions: 4,
  },
  {
    title: 'a session that leaves exactly the files of an earlier attempt costs no deployment',
    order: {
      attempts: [
        [shows({ passing: 2, failing: { a: 'one' } })],
        [shows({ passing: 4, failing: { b: 'one' } })],
        [shows({ passing: 2, failing: { a: 'one' } })],
        [PASSES],
      ],
      limits: { attempts: 4 },
    },
    sessions: 4,
    facts: ({ activities, run }) => [
      activities.filter((id) => /^(deploy|e2e):/.test(id)),
      run.attempts[2]?.gates,
      run.attempts[2]?.implementation.commits,
    ],
    are: [['deploy:1', 'e2e:1', 'deploy:2', 'e2e:2', 'deploy:4', 'e2e:4'], [], expect.objectContaining({})],
  },
];

test.concurrent.each(ROWS.map((row, index) => ({ ...row, workId: `MISS-${index + 1}-END` })))(
  'the breaker does not trip on this: $title',
  async ({ workId, order, sessions, facts = () => undefined, are }) => {
    const shown = await played(stage, workId, order);
    const { run, up } = shown;
    expect({ trip: run.escalation?.trip, ending: run.ending, why: run.why, sessions: shown.sessions, up }).toEqual({
      ...{ trip: undefined, ending: 'completed', why: '' },
      ...{ sessions: ends(sessions), up: [] },
    });
    expect(facts(shown)).toEqual(are);
  },
);
