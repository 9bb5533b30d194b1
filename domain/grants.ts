import type { Answer } from './answer.ts';
import type { Limits } from './project.ts';
import type { Run } from './run.ts';

/** The run's limits with what an answer grants. A retry is worth at least one attempt more. */
export function grantedLimits({ limits, attempts }: Run, answer: Answer): Limits {
  const retried = Math.max(limits.attempts, attempts.length + (answer.attempts ?? 1));
  return {
    ...limits,
    attempts: answer.decision === 'retry' ? retried : limits.attempts,
    usd: limits.usd + (answer.usd ?? 0),
    tokens: limits.tokens + (answer.tokens ?? 0),
    runSeconds: limits.runSeconds + (answer.minutes ?? 0) * 60,
  };
}
