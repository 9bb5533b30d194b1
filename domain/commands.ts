import { DECISIONS } from './answer.ts';
import type { Answer, Decision } from './answer.ts';
import { COMMAND } from './comment-answer.ts';
import { refusal } from './refusal.ts';
import type { Run } from './run.ts';

const GUIDANCE = 'what to do differently';
/** Decisions that an agent goes on from: they take guidance and budget. */
export const GUIDED: readonly Decision[] = ['retry', 'replan'];

/** The decisions that make sense on the open question, given the budget that some need. */
export function offered(run: Run): readonly Decision[] {
  return DECISIONS.filter((decision) => refusal(run, 0, { decision, ...neededGrants(run) }) === undefined);
}

/** What a retry has to be granted so that the budget is not used up at once: rounded up, with a tenth of the limit to spare. */
export function neededGrants(run: Run): Pick<Answer, 'usd' | 'tokens' | 'minutes'> {
  const { limits, escalation } = run;
  const seconds = ((escalation?.since ?? run.now) - run.startedAt - run.waited) / 1000;
  const lacking = (used: number, limit: number): number => Math.ceil(used - limit + Math.max(1, limit / 10));
  const grants = {
    ...(run.usd >= limits.usd ? { usd: lacking(run.usd, limits.usd) } : {}),
    ...(run.tokens >= limits.tokens ? { tokens: lacking(run.tokens, limits.tokens) } : {}),
    ...(seconds >= limits.runSeconds ? { minutes: lacking(seconds / 60, limits.runSeconds / 60) } : {}),
  };
  return escalation?.trip.reason === 'budget' && Object.keys(grants).length === 0 ? { usd: 5 } : grants;
}

/** The shell commands that answer the open question, as they can be pasted; they are refused once another question is open. */
export function answerCommands(run: Run): readonly string[] {
  const asked = run.escalation === null ? '' : ` --question ${run.escalation.id}`;
  const about = (decision: string): string => `spec-to-pr answer ${run.key.workflowId} ${decision}${asked}`;
  const grants = Object.entries(neededGrants(run)).map(([name, value]) => ` --${name} ${value}`);
  return offered(run).map((decision) =>
    GUIDED.includes(decision) ? `${about(decision)} --guidance "${GUIDANCE}"${grants.join('')}` : about(decision),
  );
}

/** The first lines of comments that answer the open question. */
export function commentCommands(run: Run): readonly string[] {
  const asked = run.escalation === null ? '' : ` --question ${run.escalation.id}`;
  const grants = Object.entries(neededGrants(run)).map(([name, value]) => ` --${name} ${value}`);
  return offered(run).map((word) => `${COMMAND} ${word}${asked}${GUIDED.includes(word) ? grants.join('') : ''}`);
}

/** The same for the `temporal` CLI, as signals: they wait for a worker where none is up. */
export function temporalCommands(run: Run): readonly string[] {
  const question = run.escalation === null ? {} : { question: run.escalation.id };
  const answers: readonly Answer[] = offered(run).map((decision) => ({
    decision,
    ...question,
    ...(GUIDED.includes(decision) ? { guidance: GUIDANCE, ...neededGrants(run) } : {}),
  }));
  return answers.map(
    (answer) => `temporal workflow signal -w '${run.key.workflowId}' --name answer --input '${JSON.stringify(answer)}'`,
  );
}
