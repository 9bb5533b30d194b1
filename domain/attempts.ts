import type { AgentEnd } from './agent.ts';
import type { GateResult } from './gate.ts';
import type { Attempt, Run } from './run.ts';

/** The attempts for the plan at work, oldest first: the others were made for a plan that it replaced. */
export function currentAttempts(run: Run): readonly Attempt[] {
  return run.superseded === undefined ? run.attempts : run.attempts.slice(run.superseded);
}

/** Everything that gates have shown of an attempt, also the one that did not get to judge it. */
export function shownGates({ gates, unjudged }: Pick<Attempt, 'gates' | 'unjudged'>): readonly GateResult[] {
  return unjudged === undefined ? gates : [...gates, unjudged];
}

const OF_THE_PROVIDER: readonly AgentEnd[] = ['provider_down', 'quota_parked'];

/** Those of the attempts that count against the limit: one that the model's provider broke is kept to go on from, and costs none. */
export function counted(attempts: readonly Attempt[]): readonly Attempt[] {
  return attempts.filter(({ implementation }) => !OF_THE_PROVIDER.includes(implementation.end));
}
