import { DECISIONS } from './answer.ts';
import type { Answer } from './answer.ts';
import { budgetTrip, raised } from './budget.ts';
import { bestAttempt } from './progress.ts';
import type { Run } from './run.ts';

const MAX_GUIDANCE = 20_000;
const GRANTS = ['attempts', 'usd', 'tokens', 'minutes'] as const;
const TEXTS = ['guidance', 'by', 'question'] as const;

/** Says in one sentence why an answer cannot be taken now, or nothing. `answer` may be anything: it comes from outside. */
export function refusal(run: Run, waiting: number, answer: unknown): string | undefined {
  return malformed(answer) ?? unfitting(run, waiting, answer as Answer);
}

function malformed(answer: unknown): string | undefined {
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
  for (const name of TEXTS)
    if (fields[name] !== undefined && typeof fields[name] !== 'string') return `${name} has to be text`;
  const { guidance } = fields;
  if (typeof guidance === 'string' && guidance.length > MAX_GUIDANCE)
    return `guidance has ${guidance.length} characters, at most ${MAX_GUIDANCE} are taken`;
  return undefined;
}

function unfitting(run: Run, waiting: number, answer: Answer): string | undefined {
  const { escalation } = run;
  if (run.ending !== null) return `the run has ended (${run.ending}): there is nothing to answer`;
  if (escalation === null) return 'the run is not waiting for an answer';
  if (waiting > 0) return `${escalation.id} has been answered already`;
  if (answer.question !== undefined && answer.question !== escalation.id)
    return `the open question is ${escalation.id}, not ${answer.question.slice(0, 20)}`;
  if (answer.decision === 'accept_draft' && bestAttempt(run) === undefined)
    return 'no attempt changed anything: there is nothing to publish';
  if (answer.decision === 'replan') return unplannable(run) ?? unfunded(run, answer);
  return answer.decision === 'retry' ? unfunded(run, answer) : undefined;
}

function unplannable({ repositories, publishing }: Run): string | undefined {
  if (repositories.length === 0) return 'nothing is planned yet: a retry plans it';
  return publishing ? 'publishing has begun: a new plan cannot take back what is on the branches' : undefined;
}

function unfunded(run: Run, answer: Answer): string | undefined {
  const trip = budgetTrip({ ...raised(run, answer), now: run.escalation?.since ?? run.now });
  return trip === undefined ? undefined : `the budget stays used up (${trip.why}): grant usd, tokens or minutes`;
}
