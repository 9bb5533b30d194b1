import { setCurrentDetails, upsertSearchAttributes } from '@temporalio/workflow';
import { shownFingerprint } from '../domain/breaker.ts';
import { describe } from '../domain/describe.ts';
import { attemptAtWork, phaseOf } from '../domain/phase.ts';
import type { Run } from '../domain/run.ts';
import {
  SpecAttempts,
  SpecCostUsd,
  SpecFailureClass,
  SpecFingerprint,
  SpecNeedsHuman,
  SpecOutcome,
  SpecPhase,
} from './contract.ts';

/** Tells the Temporal UI and `temporal workflow list` where the run stands. One event, only when something changed. */
export function show(run: Run, shown: string): string {
  setCurrentDetails(describe(run));
  const phase = phaseOf(run);
  const last = run.attempts.at(-1);
  const failing = last?.gates.find((result) => result.result !== 'passed');
  const fingerprint = last === undefined || (failing?.fingerprint ?? '') === '' ? '' : shownFingerprint(last);
  const now = JSON.stringify([phase, attemptAtWork(run), run.usd, failing?.failureClass]);
  if (now === shown) return shown;
  upsertSearchAttributes([
    { key: SpecPhase, value: phase },
    { key: SpecAttempts, value: attemptAtWork(run) },
    { key: SpecCostUsd, value: run.usd },
    { key: SpecNeedsHuman, value: run.escalation !== null },
    ...(run.ending === null ? [] : [{ key: SpecOutcome, value: run.ending }]),
    ...(failing?.failureClass == null ? [] : [{ key: SpecFailureClass, value: failing.failureClass }]),
    ...(fingerprint === '' ? [] : [{ key: SpecFingerprint, value: fingerprint }]),
  ]);
  return now;
}
