import type { Run } from './run.ts';

/** The phase shown to people: the step, the gate's own name, or the ending. */
export function phaseOf(run: Run): string {
  if (run.step.at === 'gate') return run.gates[run.step.gate] ?? 'gate';
  if (run.step.at === 'ended') return run.ending ?? 'ended';
  return run.step.at;
}

/** The number of the attempt at work, from 1; 0 before the first. */
export function attemptAtWork(run: Run): number {
  return run.step.at === 'implement' ? run.attempts.length + 1 : run.attempts.length;
}
