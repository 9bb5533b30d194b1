import { counted, currentAttempts } from './attempts.ts';
import { budgetTrip } from './budget.ts';
import { progressOf } from './progress.ts';
import type { Attempt, Run, Trip } from './run.ts';

/** Best-so-far progress has to rise by this share between attempts. */
const MINIMUM_PROGRESS = 0.05;
// Shares of whole numbers of tests are never so close to each other without being the same.
const ROUNDING = 1e-9;

/** Tells failures of attempts apart: the failing gate's fingerprint, or how the agent failed. Empty when unknown. */
export function attemptFingerprint(attempt: Attempt): string {
  const failing = attempt.gates.find((gate) => gate.result !== 'passed');
  if (attempt.unjudged !== undefined) return '';
  if (failing !== undefined) return failing.fingerprint === '' ? '' : `${failing.gate}:${failing.fingerprint}`;
  const { end, changed } = attempt.implementation;
  if (end !== 'done') return `agent:${end}`;
  return changed.length === 0 ? 'agent:no_change' : 'agent:repeated';
}

/** The fingerprint as people see it: short enough to be told, long enough to find every run with the same failure. */
export function shownFingerprint(attempt: Attempt): string {
  return attemptFingerprint(attempt).slice(0, 24);
}

/** Asked before each further paid attempt. Gives the reason to stop, with its numbers, or nothing. */
export function trips(run: Run): Trip | undefined {
  return budgetTrip(run) ?? sameFailureTrip(run) ?? attemptsTrip(run) ?? progressTrip(run);
}

function sameFailureTrip(run: Run): Trip | undefined {
  const [previous, last] = counted(currentAttempts(run)).slice(-2);
  if (previous === undefined || last === undefined) return undefined;
  const fingerprint = attemptFingerprint(last);
  if (fingerprint === '' || fingerprint !== attemptFingerprint(previous)) return undefined;
  return trip(
    'same_failure',
    `attempts ${previous.number} and ${last.number} failed the same way (${shownFingerprint(last)})`,
  );
}

function attemptsTrip(run: Run): Trip | undefined {
  const { limits } = run;
  const { length } = counted(run.attempts);
  if (length < limits.attempts) return undefined;
  return trip('attempts', `${length} of ${limits.attempts} attempts failed`);
}

function progressTrip(run: Run): Trip | undefined {
  const attempts = counted(currentAttempts(run));
  const last = attempts.at(-1);
  const now = last === undefined ? null : progressOf(run, last);
  const before = attempts.slice(0, -1).map((attempt) => progressOf(run, attempt));
  const known = before.filter((value) => value !== null);
  if (now === null || known.length === 0 || known.length < before.length) return undefined;
  const best = Math.max(...known);
  if (now - best >= MINIMUM_PROGRESS - ROUNDING) return undefined;
  const percent = (value: number): string => `${(value * 100).toFixed(1)} %`;
  return trip('no_progress', `${percent(now)} of the known tests pass, the best before was ${percent(best)}`);
}

function trip(reason: Trip['reason'], why: string): Trip {
  return { reason, why };
}
