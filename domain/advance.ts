import type { AgentEnd } from './agent.ts';
import { answered } from './answered.ts';
import { currentAttempts } from './attempts.ts';
import { trips } from './breaker.ts';
import { budgetTrip, charged, shortageOf } from './budget.ts';
import type { Spending } from './budget.ts';
import { judged } from './diagnosis.ts';
import type { Diagnosis } from './diagnosis.ts';
import { isEnvironmental } from './gate.ts';
import type { GateResult } from './gate.ts';
import type { Outcome } from './outcome.ts';
import { published } from './published.ts';
import type { Attempt, Implementation, Parked, Run, Step, Trip, TripReason } from './run.ts';
import { whyUnjudged } from './retry.ts';
import type { Role } from './roles.ts';
import { end, escalate } from './stop.ts';
import { handedOver, notTakenBack } from './takeover.ts';
import { gateProblem, sameCommits } from './verdict.ts';

/** The only place where a run's step changes. Total: an outcome that does not fit the step escalates. */
export function advance(before: Run, outcome: Outcome): Run {
  const after = next(before, outcome);
  return after.environment === null || needsEnvironment(after) ? after : { ...after, environment: null };
}

const WITH_PEOPLE: readonly Step['at'][] = ['escalated', 'hand_over', 'taken_over'];

/** An environment outlives its gate for the diagnosis, and for people where the project says so. */
function needsEnvironment({ step, keepsEnvironment }: Run): boolean {
  return step.at === 'diagnose' || (keepsEnvironment === true && WITH_PEOPLE.includes(step.at));
}

function next(run: Run, outcome: Outcome): Run {
  if (run.step.at === 'ended') return run;
  if (!fits(run, outcome) && run.escalation !== null) return run;
  if (!fits(run, outcome))
    return escalate(run, { reason: 'infrastructure', why: `"${outcome.kind}" cannot happen in ${run.step.at}` });
  switch (outcome.kind) {
    case 'ingested':
      return { ...run, spec: outcome.spec, step: { at: 'plan' } };
    case 'planned':
      return planned(run, outcome);
    case 'parked':
      return park(run, { until: outcome.until, why: outcome.why });
    case 'unfunded':
      return escalate(
        { ...run, parked: undefined },
        { reason: 'budget', why: outcome.why, until: outcome.until, ...shortOfProject(outcome.short) },
        IMPLEMENT,
      );
    case 'implemented':
      return implemented({ ...run, parked: undefined, takeover: undefined }, outcome.implementation);
    case 'gated':
      return gated(run, outcome.result);
    case 'diagnosed':
      return diagnosed({ ...run, parked: undefined }, outcome.diagnosis);
    case 'published':
      return published(run, outcome.pullRequests);
    case 'answered':
      return answered(run, outcome.answer);
    case 'handed_over':
      return handedOver(run, outcome.takeover);
    case 'not_taken_back':
      return notTakenBack(run, outcome.why);
    case 'rejected':
      return rejected(run, outcome.why);
    case 'broken':
      return broken(run, outcome);
    case 'cancelled':
      return end(run, 'cancelled', `cancelled in ${run.step.at}`);
    default:
      return outcome satisfies never;
  }
}

function shortOfProject(short: Partial<Spending> | undefined): Pick<Trip, 'short'> {
  return short === undefined ? {} : { short: { of: 'project', ...short } };
}

const EXPECTED: Readonly<Record<Outcome['kind'], readonly Step['at'][] | 'any'>> = {
  ingested: ['ingest'],
  planned: ['plan'],
  parked: ['implement', 'diagnose'],
  unfunded: ['implement', 'diagnose'],
  implemented: ['implement', 'take_back'],
  gated: ['gate'],
  diagnosed: ['diagnose'],
  published: ['publish'],
  answered: ['escalated', 'taken_over'],
  handed_over: ['hand_over'],
  not_taken_back: ['take_back'],
  rejected: ['ingest', 'plan'],
  broken: ['ingest', 'plan', 'implement', 'gate', 'diagnose', 'publish', 'hand_over', 'take_back'],
  cancelled: 'any',
};

function fits(run: Run, outcome: Outcome): boolean {
  const steps = EXPECTED[outcome.kind];
  return steps === 'any' || steps.includes(run.step.at);
}

/** A new plan starts anew: what was made for the one before stays on record and counts no more. */
function planned(run: Run, { repositories, tasks, personas }: Outcome & { readonly kind: 'planned' }): Run {
  const superseded = run.attempts.length === 0 ? {} : { superseded: run.attempts.length };
  return { ...run, repositories, tasks, personas, ...superseded, step: IMPLEMENT };
}

/** A spec or plan that cannot be built ends a run that has nothing yet; one that is planned again asks. */
function rejected(run: Run, why: string): Run {
  const again = run.answers.some(({ decision }) => decision === 'replan');
  return again ? escalate(run, { reason: 'infrastructure', why }) : end(run, 'failed', why);
}

/** Infrastructure that holds up a person leaves them at work; else a person is asked. */
function broken(before: Run, { why, spent }: Outcome & { readonly kind: 'broken' }): Run {
  if (before.step.at === 'take_back') return notTakenBack(before, why);
  const back = before.step.at === 'hand_over' ? before.step.back : before.step;
  const role = before.step.at === 'diagnose' ? 'debugger' : 'developer';
  // A session that is over is not parked any more.
  const run = spent === undefined ? before : charged({ ...before, parked: undefined }, role, spent);
  return escalate(run, { reason: 'infrastructure', why }, back);
}

/** Waiting for quota costs no wall-clock budget. */
function park(run: Run, parked: Parked): Run {
  return { ...run, parked, waited: run.waited + Math.max(0, parked.until - run.now) };
}

const ENDS: Readonly<Record<AgentEnd, TripReason | 'judge' | 'again'>> = {
  done: 'judge',
  incomplete_handoff: 'again',
  stalled: 'again',
  crashed: 'again',
  contract_violation: 'again',
  cancelled: 'again',
  blocked: 'blocked',
  needs_human: 'blocked',
  refused: 'blocked',
  budget_exhausted: 'budget',
  quota_parked: 'infrastructure',
  provider_down: 'infrastructure',
};

function implemented(before: Run, implementation: Implementation): Run {
  const paid = charged(before, 'developer', implementation);
  if (implementation.cord === 'reprovision')
    return reprovision(paid, { role: 'developer', why: implementation.why, attempt: before.attempts.at(-1) });
  const attempt: Attempt = { number: before.attempts.length + 1, implementation, gates: [] };
  const run: Run = { ...paid, attempts: [...before.attempts, attempt], reprovisions: 0 };
  const meaning = ENDS[implementation.end];
  if (meaning === 'again') return retry(run);
  if (meaning !== 'judge') {
    const own: Trip = { reason: meaning, why: `the agent ended ${implementation.end}: ${implementation.why}` };
    return escalate(run, meaning === 'budget' ? overspent(run, { own, implementation }) : own);
  }
  const untouched = implementation.changed.length === 0 && implementation.cord !== 'already_done';
  if (untouched || repeats(before, implementation)) return retry(run);
  return run.gates.length === 0 ? publishes(run) : { ...run, step: { at: 'gate', gate: 0 } };
}

/** Why a session had no budget left: the run's limit is used up, else its own or the project's. */
function overspent(run: Run, { own, implementation }: { own: Trip; implementation: Implementation }): Trip {
  const short = shortageOf(run, implementation);
  return { ...(budgetTrip(run) ?? own), ...(short === undefined ? {} : { short }) };
}

function publishes(run: Run): Run {
  return { ...run, step: { at: 'publish' }, publishing: true };
}

/** The environment is sick, says a session: what failed there is judged again in a new one, once in an attempt. */
function reprovision(run: Run, cord: { role: Role; why: string; attempt: Attempt | undefined }): Run {
  const { role, why, attempt } = cord;
  const pulled = { ...run, cords: [...run.cords, { role, cord: 'reprovision' as const, why, at: run.now }] };
  const failed = attempt?.gates.at(-1)?.gate ?? '';
  const gate = run.gates.indexOf(failed);
  if (gate < 0 || run.reprovisions > 0)
    return escalate(pulled, { reason: 'infrastructure', why: `the ${role} takes the environment for sick: ${why}` });
  return { ...pulled, reprovisions: run.reprovisions + 1, step: { at: 'gate', gate } };
}

function diagnosed(before: Run, diagnosis: Diagnosis): Run {
  const last = before.attempts.at(-1);
  if (last === undefined) return before;
  const run: Run = {
    ...charged(before, 'debugger', diagnosis),
    attempts: [...before.attempts.slice(0, -1), { ...last, diagnosis }],
  };
  const { cord, why } = diagnosis;
  if (cord === 'reprovision') return reprovision(run, { role: 'debugger', why, attempt: last });
  if (cord === 'human')
    return escalate(run, { reason: 'blocked', why: `the debugger asks for a person: ${why}` }, IMPLEMENT);
  const trip = budgetTrip(run);
  return trip === undefined ? { ...run, step: IMPLEMENT } : escalate(run, trip, IMPLEMENT);
}

function repeats(before: Run, implementation: Implementation): boolean {
  return currentAttempts(before).some(
    (attempt) => attempt.gates.length > 0 && sameCommits(attempt.implementation.commits, implementation.commits),
  );
}

function gated(before: Run, result: GateResult): Run {
  const last = before.attempts.at(-1);
  if (before.step.at !== 'gate' || last === undefined) return before;
  const { unjudged: _, ...judgedSoFar } = last;
  if (isEnvironmental(result)) {
    const attempts = [...before.attempts.slice(0, -1), { ...judgedSoFar, unjudged: result }];
    return escalate({ ...before, attempts }, { reason: 'infrastructure', why: whyUnjudged(result) });
  }
  const attempt: Attempt = {
    ...judgedSoFar,
    gates: [...last.gates.filter((gate) => gate.gate !== result.gate), result],
  };
  const run: Run = { ...before, attempts: [...before.attempts.slice(0, -1), attempt] };
  if (gateProblem(result, attempt.implementation.commits) !== undefined) return failedGate(run, result);
  const next = before.step.gate + 1;
  return next < run.gates.length ? { ...run, step: { at: 'gate', gate: next } } : publishes(judged(run));
}

/** The failure is looked into before the next attempt, unless there is none or nobody to look. */
function failedGate(before: Run, result: GateResult): Run {
  const run = { ...judged(before), environment: result.environment ?? null };
  const trip = trips(run);
  if (trip !== undefined) return escalate(run, trip, IMPLEMENT);
  if (run.roles.debugger === undefined || result.result !== 'failed') return { ...run, step: IMPLEMENT };
  return { ...run, step: { at: 'diagnose' } };
}

const IMPLEMENT: Step = { at: 'implement' };

function retry(run: Run): Run {
  const trip = trips(run);
  return trip === undefined ? { ...run, step: IMPLEMENT } : escalate(run, trip, IMPLEMENT);
}
