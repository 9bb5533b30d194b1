import type { Attempt, Run } from './run.ts';

/** The attempts for the plan at work, oldest first: the others were made for a plan that it replaced. */
export function currentAttempts(run: Run): readonly Attempt[] {
  return run.superseded === undefined ? run.attempts : run.attempts.slice(run.superseded);
}
