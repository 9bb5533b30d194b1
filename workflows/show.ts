import { setCurrentDetails, upsertSearchAttributes } from '@temporalio/workflow';
import type { SearchAttributeUpdatePair } from '@temporalio/common';
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
} from './contract-attributes.ts';

/** Values of search attributes by name, as they were told last. */
export type Shown = Readonly<Record<string, unknown>>;

/** Tells the Temporal UI and `temporal workflow list` where the run stands. One event, of what has changed, when something has. */
export function show(run: Run, shown: Shown): Shown {
  setCurrentDetails(describe(run));
  const last = run.attempts.at(-1);
  const failing = last?.gates.find((result) => result.result !== 'passed');
  const fingerprint = last === undefined || (failing?.fingerprint ?? '') === '' ? '' : shownFingerprint(last);
  const now: readonly SearchAttributeUpdatePair[] = [
    { key: SpecPhase, value: phaseOf(run) },
    { key: SpecAttempts, value: attemptAtWork(run) },
    { key: SpecCostUsd, value: run.usd },
    { key: SpecNeedsHuman, value: run.escalation !== null },
    ...(run.ending === null ? [] : [{ key: SpecOutcome, value: run.ending }]),
    ...(failing?.failureClass == null ? [] : [{ key: SpecFailureClass, value: failing.failureClass }]),
    ...(fingerprint === '' ? [] : [{ key: SpecFingerprint, value: fingerprint }]),
  ];
  const changed = now.filter(({ key, value }) => shown[key.name] !== value);
  if (changed.length > 0) upsertSearchAttributes([...changed]);
  return { ...shown, ...Object.fromEntries(now.map(({ key, value }) => [key.name, value])) };
}
