import type { AgentEnd } from './agent.ts';
import type { GateResult } from './gate.ts';
import type { Attempt, Run } from './run.ts';
import { sameCommits } from './verdict.ts';

/** The attempts for the plan at work, oldest first: the others were made for a plan that it replaced. */
export function currentAttempts(run: Run): readonly Attempt[] {
  return run.superseded === undefined ? run.attempts : run.attempts.slice(run.superseded);
}

/** Everything that gates have shown of an attempt, also the one that did not get to judge it. */
export function shownGates({ gates, unjudged }: Pick<Attempt, 'gates' | 'unjudged'>): readonly GateResult[] {
  return unjudged === undefined ? gates : [...gates, unjudged];
}

/** The newest attempt for the plan at work that a gate has looked at, when that was not green: later ones were not judged. */
export function redAttempt(run: Run): Attempt | undefined {
  const newest = currentAttempts(run).findLast((attempt) => shownGates(attempt).length > 0);
  return newest !== undefined && shownGates(newest).some(({ result }) => result !== 'passed') ? newest : undefined;
}

/** Says what an attempt that no gate has judged left: nothing, or the files of an earlier one. Empty where a gate has judged it, or will. */
export function unjudgedLine(attempt: Attempt, attempts: readonly Attempt[]): string {
  const { number, implementation } = attempt;
  if (shownGates(attempt).length > 0) return '';
  if (implementation.changed.length === 0) return 'left no change, so nothing could be tested';
  if (implementation.end !== 'done') return '';
  const like = attempts.find(
    (one) => one.number < number && sameCommits(one.implementation.commits, implementation.commits),
  );
  return like === undefined ? '' : `left exactly the files of attempt ${like.number}, so it was not tested again`;
}

const OF_THE_PROVIDER: readonly AgentEnd[] = ['provider_down', 'quota_parked'];

/** Those of the attempts that count against the limit: one that the model's provider broke is kept to go on from, and costs none. */
export function counted(attempts: readonly Attempt[]): readonly Attempt[] {
  return attempts.filter(({ implementation }) => !OF_THE_PROVIDER.includes(implementation.end));
}
