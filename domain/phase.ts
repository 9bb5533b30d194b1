import { counted } from './attempts.ts';
import type { Run } from './run.ts';

/** The phase shown to people: the step, the gate's own name, or the ending. */
export function phaseOf(run: Run): string {
  if (run.step.at === 'gate') return run.gates[run.step.gate] ?? 'gate';
  if (run.step.at === 'ended') return run.ending ?? 'ended';
  return run.step.at;
}

/** Which of the attempts that the limit allows is at work, from 1; 0 before the first. One that costs none is at work until it is made again. */
export function attemptAtWork({ step, attempts }: Run): number {
  const { length } = counted(attempts);
  const again = attempts.length > 0 && counted(attempts.slice(-1)).length === 0;
  return step.at === 'implement' || again ? length + 1 : length;
}
