import { currentAttempts } from './attempts.ts';
import type { GateResult } from './gate.ts';
import type { Attempt, Run } from './run.ts';

interface Tally {
  readonly passed: number;
  readonly total: number;
}

function tally(result: GateResult): Tally | undefined {
  if (result.tests !== null) return { passed: result.tests.passed, total: result.tests.total };
  return result.result === 'passed' ? { passed: result.examined, total: result.examined } : undefined;
}

/** The largest total each gate has shown in any attempt so far: what is known to exist. */
function known(run: Run): ReadonlyMap<string, number> {
  const totals = new Map<string, number>();
  for (const attempt of currentAttempts(run))
    for (const result of attempt.gates) {
      const total = tally(result)?.total ?? 0;
      totals.set(result.gate, Math.max(total, totals.get(result.gate) ?? 0));
    }
  return totals;
}

/**
 * Share (0 to 1) of all tests known in the run that passed in this attempt; a gate that was not reached counts as
 * nothing passed. Null when the last gate gave no counts, and for another plan: unknown is not zero.
 */
export function progressOf(run: Run, attempt: Attempt): number | null {
  if (attempt.number <= (run.superseded ?? 0)) return null;
  if (attempt.gates.length === 0 || attempt.gates.some((result) => tally(result) === undefined)) return null;
  const totals = known(run);
  let total = 0;
  for (const count of totals.values()) total += count;
  if (total === 0) return null;
  const passed = attempt.gates.reduce((sum, result) => sum + (tally(result)?.passed ?? 0), 0);
  return passed / total;
}

/** The attempt to publish or to go on from: most gates passed, then most progress, then the newest. */
export function bestAttempt(run: Run): Attempt | undefined {
  let best: Attempt | undefined;
  for (const attempt of currentAttempts(run)) {
    if (attempt.implementation.changed.length === 0) continue;
    if (best === undefined || compare(run, attempt, best) >= 0) best = attempt;
  }
  return best;
}

/**
 * The attempt whose commits the next one goes on from: the last, unless its gates measured it as worse than an earlier one.
 * What was not judged, or not by its own fault, is kept.
 */
export function startingPoint(run: Run): Attempt | undefined {
  const last = currentAttempts(run).at(-1);
  const failing = last?.gates.find(({ result }) => result !== 'passed');
  const measured = failing !== undefined && REGRESSIONS.includes(failing.failureClass ?? '');
  const best = measured ? bestAttempt(run) : undefined;
  return last === undefined || best === undefined || compare(run, best, last) <= 0 ? last : best;
}

const REGRESSIONS: readonly string[] = ['test_failure', 'compile_error', 'deploy_failed'];

function compare(run: Run, a: Attempt, b: Attempt): number {
  const passed = (attempt: Attempt): number => attempt.gates.filter((gate) => gate.result === 'passed').length;
  return passed(a) - passed(b) || (progressOf(run, a) ?? 0) - (progressOf(run, b) ?? 0);
}
