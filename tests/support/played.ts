import { setTimeout as wait } from 'node:timers/promises';
import type { Run } from '../../domain/run.ts';
import { answer } from '../../workflows/contract.ts';
import { suiteProject } from './suite.ts';
import type { SuiteProject } from './suite.ts';
import { activitiesOf, environmentsOf, sessionsOf } from './whole-runs.ts';
import type { Stage } from './whole-runs.ts';

/** What a run has come to: at its end, or at a question that nobody has answered. */
export interface Played {
  readonly run: Run;
  /** Names of the agent sessions that it has paid. */
  readonly sessions: readonly string[];
  /** Ids of its activities, in order. */
  readonly activities: readonly string[];
  /** Names of its environments that are still there. */
  readonly up: readonly string[];
}

/** The environments that a run does not take away by itself within some seconds: a debugger's is released just after the run asks. */
async function left(stage: Stage, workId: string): Promise<readonly string[]> {
  const until = Date.now() + 20_000;
  let up = await environmentsOf(stage, workId);
  while (up.length > 0 && Date.now() < until) {
    await wait(100);
    up = await environmentsOf(stage, workId);
  }
  return up;
}

/** Plays a whole run until it ends or asks; what asks is aborted afterwards. */
export async function played(stage: Stage, workId: string, order: SuiteProject): Promise<Played> {
  const { project, text } = await suiteProject(stage, workId, order);
  const handle = await stage.product.start({ project, text, workId });
  const run = await stage.product.settled(workId);
  const shown = {
    run,
    sessions: await sessionsOf(stage, workId),
    activities: await activitiesOf(handle),
    up: await left(stage, workId),
  };
  if (run.ending === null) await handle.executeUpdate(answer, { args: [{ decision: 'abort' }] });
  await handle.result();
  return shown;
}
