import { readFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { DECISIONS, refGiven } from '../../domain/answer.ts';
import type { Answer } from '../../domain/answer.ts';
import { malformed } from '../../domain/refusal.ts';
import { EXIT, UsageError } from '../errors.ts';
import { answerRun } from '../runs.ts';
import { givenId, withRun } from '../session.ts';
import type { IdOptions } from '../session.ts';

/** Options of `answer`, as they stand on the command line. */
export interface AnswerOptions extends IdOptions {
  readonly guidance?: string;
  readonly attempts?: string;
  readonly usd?: string;
  readonly tokens?: string;
  readonly minutes?: string;
  readonly at?: readonly string[];
  readonly by?: string;
  readonly question?: string;
}

/** `spec-to-pr answer <id> <decision>`, or `spec-to-pr answer <decision> --work-id <id>` */
export async function verb(options: AnswerOptions, first?: string, second?: string): Promise<number> {
  // A first word that stands alone and is no decision names a run, unless that is named already.
  const names = Boolean(second) || (options.workId === undefined && first !== undefined && !isDecision(first));
  const [id, word] = names ? [givenId(options, first), second ?? ''] : [givenId(options, undefined), first ?? ''];
  const answer = await answerOf(options, word);
  return withRun(id, async (session, workflowId) => {
    const reply = await answerRun(session, workflowId, answer);
    process.stdout.write(options.json === true ? `${JSON.stringify({ workflowId, reply })}\n` : `${reply}\n`);
    return EXIT.done;
  });
}

const isDecision = (word: string): boolean => DECISIONS.some((known) => known === word);

/** The answer that a command line gives; throws UsageError for one that no run could take. */
export async function answerOf(options: AnswerOptions, word: string): Promise<Answer> {
  const decision = DECISIONS.find((known) => known === word);
  if (decision === undefined)
    throw new UsageError(`${word === '' ? 'no decision' : `"${word}" is no decision`}: use ${DECISIONS.join(', ')}`);
  const answer: Answer = {
    decision,
    by: options.by ?? userInfo().username,
    ...(options.guidance === undefined ? {} : { guidance: await textOf(options.guidance) }),
    ...(options.question === undefined ? {} : { question: options.question }),
    ...refsOf(options.at ?? []),
    ...numbers(options),
  };
  // Said here, because what is far too long does not even reach the run.
  const problem = malformed(answer);
  if (problem !== undefined) throw new UsageError(problem);
  return answer;
}

function numbers(options: AnswerOptions): Pick<Answer, 'attempts' | 'usd' | 'tokens' | 'minutes'> {
  const given = (['attempts', 'usd', 'tokens', 'minutes'] as const).flatMap((name) => {
    const text = options[name];
    if (text === undefined) return [];
    const value = Number(text);
    if (!(value > 0)) throw new UsageError(`--${name} has to be a positive number, not "${text}"`);
    return [[name, value] as const];
  });
  return Object.fromEntries(given);
}

function refsOf(given: readonly string[]): Pick<Answer, 'refs'> {
  const entries = given.map((text) => {
    const ref = refGiven(text);
    if (ref === undefined) throw new UsageError(`--at takes <repository>=<branch, tag or commit>, not "${text}"`);
    return ref;
  });
  return entries.length === 0 ? {} : { refs: Object.fromEntries(entries) };
}

async function textOf(guidance: string): Promise<string> {
  if (!guidance.startsWith('@')) return guidance;
  return readFile(guidance.slice(1), 'utf8').catch(() => {
    throw new UsageError(`the file ${guidance.slice(1)} cannot be read`);
  });
}
