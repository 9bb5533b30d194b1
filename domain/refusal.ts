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
  const refs = misplaced(fields);
  if (refs !== undefined) return refs;
  return undefined;
}

const REF = /^[A-Za-z0-9][\w./+-]{0,199}$/;

function misplaced({ refs, decision }: Readonly<Record<string, unknown>>): string | undefined {
  if (refs === undefined) return undefined;
  if (decision !== 'resume') return 'refs go with resume only';
  const given: readonly unknown[] = typeof refs === 'object' && refs !== null ? Object.values(refs) : [];
  const fine =
    given.length > 0 && given.every((ref) => typeof ref === 'string' && REF.test(ref) && !ref.includes('..'));
  return fine ? undefined : 'refs name a branch, tag or commit by repository, as in {"api":"my-branch"}';
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
  if (answer.decision === 'take_over') return notToTakeOver(run);
  if (answer.decision === 'resume') return notToResume(run, answer);
  if (answer.decision === 'replan') return unplannable(run) ?? unfunded(run, answer);
  return answer.decision === 'retry' ? unfunded(run, answer) : undefined;
}

function notToTakeOver({ repositories, takeover, step }: Run): string | undefined {
  if (step.at === 'taken_over') return `${takeover?.by ?? 'a person'} has taken the run over already`;
  return repositories.length === 0 ? 'nothing is planned yet: there are no worktrees to give' : undefined;
}

function notToResume({ step, repositories }: Run, { refs = {} }: Answer): string | undefined {
  if (step.at !== 'taken_over') return 'nobody has taken the run over: answer retry, or take_over first';
  const unknown = Object.keys(refs).find((name) => !repositories.some(({ key }) => key === name));
  const known = repositories.map(({ key }) => key).join(', ');
  return unknown === undefined
    ? undefined
    : `the run has no repository ${JSON.stringify(unknown.slice(0, 40))}: ${known}`;
}

function unplannable({ repositories, publishing }: Run): string | undefined {
  if (repositories.length === 0) return 'nothing is planned yet: a retry plans it';
  return publishing ? 'publishing has begun: a new plan cannot take back what is on the branches' : undefined;
}

function unfunded(run: Run, answer: Answer): string | undefined {
  const trip = budgetTrip({ ...raised(run, answer), now: run.escalation?.since ?? run.now });
  return trip === undefined ? undefined : `the budget stays used up (${trip.why}): grant usd, tokens or minutes`;
}
