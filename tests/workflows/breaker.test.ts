import { expect, test } from '@jest/globals';
import type { Run } from '../../domain/run.ts';
import { answer } from '../../workflows/contract.ts';
import { shows, suiteProject } from '../support/suite.ts';
import type { SuiteProject } from '../support/suite.ts';
import { environmentsOf, sessionsOf, stageOfFile } from '../support/whole-runs.ts';

const stage = stageOfFile('breaker');

/** What a run came to that nobody has answered, which sessions it paid, and what is still up of its environments. */
interface Stop {
  readonly run: Run;
  readonly sessions: readonly string[];
  readonly up: readonly string[];
}

async function played(workId: string, order: SuiteProject): Promise<Stop> {
  const { project, text } = await suiteProject(stage, workId.toLowerCase(), order);
  const handle = await stage.product.start({ project, text, workId });
  const run = await stage.product.settled(workId);
  const stop = { run, sessions: await sessionsOf(stage, workId), up: await environmentsOf(stage, workId) };
  if (run.ending === null) await handle.executeUpdate(answer, { args: [{ decision: 'abort' }] });
  await handle.result();
  return stop;
}

interface Trips {
  readonly title: string;
  readonly order: SuiteProject;
  readonly reason: string;
  readonly why: string | RegExp;
  readonly sessions: readonly string[];
}

const TRIPS: readonly Trips[] = [
  {
    title: 'each attempt of the limit fails in another way, though each is better than the last',
    order: {
      attempts: [
        [shows({ passing: 2, failing: { a: 'one', b: 'one' } })],
        [shows({ passing: 3, failing: { b: 'two' } })],
        [shows({ passing: 5, failing: { c: 'three' } })],
      ],
    },
    reason: 'attempts',
    why: '3 of 3 attempts failed',
    sessions: ['implement-1', 'implement-2', 'implement-3'],
  },
  {
    title: 'the same failure twice, at another time, on another port and in another folder',
    order: {
      attempts: [
        [shows({ passing: 2, failing: { a: 'at {time} nothing listened on 127.0.0.1:{port} for {path}/a.js' } })],
        [shows({ passing: 8, failing: { a: 'at {time} nothing listened on 127.0.0.1:{port} for {path}/a.js' } })],
      ],
    },
    reason: 'same_failure',
    why: /^attempts 1 and 2 failed the same way \(e2e:[0-9a-f]{20}\)$/,
    sessions: ['implement-1', 'implement-2'],
  },
];

test.concurrent.each(TRIPS.map((row, index) => ({ ...row, workId: `TRIP-${index + 1}-END` })))(
  'the breaker trips on $reason: $title',
  async ({ workId, order, reason, why, sessions }) => {
    const stop = await played(workId, order);
    expect({ ...stop.run.escalation?.trip, sessions: stop.sessions, up: stop.up }).toEqual({
      reason,
      why: typeof why === 'string' ? why : expect.stringMatching(why),
      sessions,
      up: [],
    });
  },
);
