import { DECISIONS } from './answer.ts';
import type { Answer, Decision } from './answer.ts';
import { isUnjudged } from './answered.ts';
import { budgetTrip, grantFor, raised } from './budget.ts';
import { COMMAND } from './comment-answer.ts';
import { refusal } from './refusal.ts';
import type { Run } from './run.ts';

type Grants = Pick<Answer, 'usd' | 'tokens' | 'minutes'>;

const GUIDANCE = 'what to do differently';
/** Decisions that an agent goes on from: they take guidance and budget. */
export const GUIDED: readonly Decision[] = ['retry', 'replan'];

/** The decisions that make sense on the open question, given the budget that some need. */
export function offered(run: Run): readonly Decision[] {
  return DECISIONS.filter((decision) => refusal(run, 0, { decision, ...neededGrants(run) }) === undefined);
}

/** What a retry has to be granted so that it gets past what is used up; nothing where nothing is. */
export function neededGrants(run: Run): Grants {
  const { limits, escalation } = run;
  const now = escalation?.since ?? run.now;
  const seconds = (now - run.startedAt - run.waited) / 1000;
  const { usd = 0, tokens = 0 } = escalation?.trip.short ?? {};
  const grants = positive({
    usd: Math.max(usd, run.usd >= limits.usd ? grantFor(run.usd, limits.usd) : 0),
    tokens: Math.max(tokens, run.tokens >= limits.tokens ? grantFor(run.tokens, limits.tokens) : 0),
    minutes: seconds >= limits.runSeconds ? grantFor(seconds / 60, limits.runSeconds / 60) : 0,
  });
  const unknown = budgetTrip({ ...raised(run, { decision: 'retry', ...grants }), now }) !== undefined;
  const unexplained = escalation?.trip.reason === 'budget' && Object.keys(grants).length === 0;
  return unknown || unexplained ? { ...grants, ...acceptance(run) } : grants;
}

function positive(grants: Required<Grants>): Grants {
  return Object.fromEntries(Object.entries(grants).filter(([, value]) => value > 0));
}

/** A grant for a cost that nobody knows, in the unit that the project limits. */
function acceptance({ limits }: Run): Grants {
  return limits.unpriced === 'allowed' ? { tokens: grantFor(limits.tokens, limits.tokens) } : { usd: 5 };
}

/** The answers that are suggested, in the order in which they are listed. */
function suggested(run: Run): readonly Answer[] {
  const { escalation } = run;
  const question = escalation === null ? {} : { question: escalation.id };
  const grants = neededGrants(run);
  return offered(run).flatMap((decision): readonly Answer[] => {
    if (!GUIDED.includes(decision)) return [{ decision, ...question }];
    const guided = { decision, ...question, guidance: GUIDANCE, ...grants };
    const asItIs = decision === 'retry' && escalation !== null && isUnjudged(escalation);
    return asItIs ? [{ decision, ...question, ...grants }, guided] : [guided];
  });
}

const FLAGS = ['question', 'usd', 'tokens', 'minutes'];

function flags(answer: Pick<Answer, 'question' | 'usd' | 'tokens' | 'minutes'>): string {
  const given = Object.entries(answer).filter(([name]) => FLAGS.includes(name));
  return given.map(([name, value]) => ` --${name} ${value}`).join('');
}

/** The shell commands that answer the open question, as they can be pasted; they are refused once another question is open. */
export function answerCommands(run: Run): readonly string[] {
  return suggested(run).map(({ question, guidance, ...grants }) => {
    const asked = question === undefined ? '' : flags({ question });
    const told = guidance === undefined ? '' : ` --guidance "${guidance}"`;
    return `spec-to-pr answer ${run.key.workflowId} ${grants.decision}${asked}${told}${flags(grants)}`;
  });
}

/** The first lines of comments that answer the open question; what follows them is the guidance. */
export function commentCommands(run: Run): readonly string[] {
  return suggested(run)
    .map((answer) => `${COMMAND} ${answer.decision}${flags(answer)}`)
    .filter((line, index, all) => all.indexOf(line) === index);
}

/** The same for the `temporal` CLI, as signals: they wait for a worker where none is up. */
export function temporalCommands(run: Run): readonly string[] {
  return suggested(run).map(
    (answer) => `temporal workflow signal -w '${run.key.workflowId}' --name answer --input '${JSON.stringify(answer)}'`,
  );
}
