import type { Decision } from './answer.ts';
import { shownGates } from './attempts.ts';
import type { Run, TripReason } from './run.ts';

/** What happens while a question waits for a person. Times in seconds, counted from the question. */
export interface WaitingPolicy {
  /** A reminder goes out each time that so much has passed. */
  readonly remindSeconds?: number;
  /** The decision that is taken when nobody has answered after `afterSeconds`. */
  readonly fallback?: {
    readonly decision: Extract<Decision, 'accept_draft' | 'abort'>;
    readonly afterSeconds: number;
  } | null;
}

/** The policy for all questions, and what is another way for those about one gate. */
export interface WaitingPolicies extends WaitingPolicy {
  readonly gates?: Readonly<Record<string, WaitingPolicy>>;
}

const ABOUT_A_GATE: readonly TripReason[] = ['attempts', 'same_failure', 'no_progress', 'infrastructure'];

/** The gate that the open question is about, if it is about one. */
export function gateInQuestion({ escalation, attempts }: Pick<Run, 'escalation' | 'attempts'>): string | undefined {
  const last = attempts.at(-1);
  if (escalation === null || last === undefined || !ABOUT_A_GATE.includes(escalation.trip.reason)) return undefined;
  if (escalation.trip.reason === 'infrastructure' && escalation.back.at !== 'gate') return undefined;
  return shownGates(last).findLast(({ result }) => result !== 'passed')?.gate;
}

/** The project's policy for the open question. A person who is at work is reminded; nothing is decided behind their back. */
export function waitingPolicy(
  run: Pick<Run, 'step' | 'escalation' | 'attempts'>,
  { waiting }: { readonly waiting?: WaitingPolicies },
): WaitingPolicy | undefined {
  if (waiting === undefined) return undefined;
  const { gates = {}, ...general } = waiting;
  const policy = { ...general, ...gates[gateInQuestion(run) ?? ''] };
  if (run.step.at !== 'taken_over') return policy;
  return policy.remindSeconds === undefined ? undefined : { remindSeconds: policy.remindSeconds };
}

export type Wake =
  | { readonly kind: 'remind'; readonly at: number; readonly reminder: number }
  | { readonly kind: 'decide'; readonly at: number; readonly decision: Decision };

/** Of a question; times in milliseconds since the epoch. */
export interface Waiting {
  readonly since: number;
  readonly now: number;
  /** Number of the last reminder, 0 before the first. */
  readonly reminder: number;
  /** The policy's decision did not fit the run and is not tried again. */
  readonly declined: boolean;
  /** When what the run waits for comes by itself, e.g. a new budget window; it is retried then. */
  readonly until?: number | undefined;
}

const MOST_REMINDERS = 100;

/** What to wake up for next, or nothing: then only an answer ends the wait. Reminders that a down-time swallowed are skipped. */
export function nextWake(policy: WaitingPolicy | undefined, waiting: Waiting): Wake | undefined {
  const { since, now, reminder, declined } = waiting;
  const { remindSeconds } = policy ?? {};
  const decide = declined ? undefined : decisionOf(policy, waiting);
  if (remindSeconds === undefined || reminder >= MOST_REMINDERS) return decide;
  const period = remindSeconds * 1000;
  const next = Math.max(reminder + 1, Math.ceil((now - since) / period));
  const remind: Wake = { kind: 'remind', at: since + next * period, reminder: next };
  return decide !== undefined && decide.at <= remind.at ? decide : remind;
}

/** The decision that is taken without a person, whichever comes first. */
function decisionOf(policy: WaitingPolicy | undefined, { since, until }: Waiting): Wake | undefined {
  const fallback = policy?.fallback ?? undefined;
  const after = fallback === undefined ? Infinity : since + fallback.afterSeconds * 1000;
  if (until !== undefined && until <= after) return { kind: 'decide', at: until, decision: 'retry' };
  return fallback === undefined ? undefined : { kind: 'decide', at: after, decision: fallback.decision };
}
