import { DECISIONS, GRANTS, MAX_GUIDANCE } from './answer.ts';
import type { Answer } from './answer.ts';
import { budgetTrip, raised } from './budget.ts';
import { bestAttempt } from './progress.ts';
import type { Run } from './run.ts';

/** Characters that the guidance of all answers may have, so that a run stays small enough to be handed around. */
const MAX_ALL_GUIDANCE = 200_000;
/** Texts of an answer, with the characters that each may have. */
const TEXTS = { guidance: MAX_GUIDANCE, by: 200, question: 20 } as const;

/** Says in one sentence why an answer cannot be taken now, or nothing. `answer` may be anything: it comes from outside. */
export function refusal(run: Run, waiting: number, answer: unknown): string | undefined {
  return malformed(answer) ?? unfitting(run, waiting, answer as Answer);
}

/** Says in one sentence what makes a value no answer at all, whatever the run; nothing when it is one. */
export function malformed(answer: unknown): string | undefined {
  if (typeof answer !== 'object' || answer === null) return 'an answer is an object such as {"decision":"retry"}';
  const fields: Readonly<Record<string, unknown>> = { ...answer };
  const { decision } = fields;
  if (!DECISIONS.some((known) => known === decision))
    return `decision ${JSON.stringify(decision)?.slice(0, 40) ?? '(none)'} is unknown: use ${DECISIONS.join(', ')}`;
  for (const name of GRANTS) {
    const value = fields[name];
    if (value !== undefined && (typeof value !== 'number' || !(value > 0) || value > 1e9))
      return `${name} has to be a positive number`;
  }
  if (fields['attempts'] !== undefined && !Number.isInteger(fields['attempts']))
    return 'attempts has to be a whole number';
  for (const [name, most] of Object.entries(TEXTS)) {
    const value = fields[name];
    if (value !== undefined && typeof value !== 'string') return `${name} has to be text`;
    if (value !== undefined && value.length > most)
      return `${name} has ${value.length} characters, at most ${most} are taken`;
  }
  return undefined;
}

function unfitting(run: Run, waiting: number, answer: Answer): string | undefined {
  const { escalation } = run;
  if (run.ending !== null) return `the run has ended (${run.ending}): there is nothing to answer`;
  if (escalation === null) return 'the run is not waiting for an answer';
  if (waiting > 0) return `${escalation.id} has been answered already`;
  if (answer.question !== undefined && answer.question !== escalation.id)
    return `the open question is ${escalation.id}, not ${answer.question.slice(0, 20)}`;
  const all = run.answers.reduce((sum, { guidance = '' }) => sum + guidance.length, answer.guidance?.length ?? 0);
  if (all > MAX_ALL_GUIDANCE)
    return `all guidance together would have ${all} characters, at most ${MAX_ALL_GUIDANCE} are taken`;
  if (answer.decision === 'accept_draft' && bestAttempt(run) === undefined)
    return 'no attempt changed anything: there is nothing to publish';
  return answer.decision === 'retry' ? unfunded(run, answer) : undefined;
}

function unfunded(run: Run, answer: Answer): string | undefined {
  const trip = budgetTrip({ ...raised(run, answer), now: run.escalation?.since ?? run.now });
  return trip === undefined ? undefined : `the budget stays used up (${trip.why}): grant usd, tokens or minutes`;
}
