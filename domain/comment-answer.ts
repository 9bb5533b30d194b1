import { DECISIONS, GRANTS, refGiven } from './answer.ts';
import type { Answer } from './answer.ts';
import { code } from './markdown.ts';
import { malformed } from './refusal.ts';

/** What the first line of a comment begins with when it answers. */
export const COMMAND = '/spec-to-pr';

/** A comment on a forge; its texts are of unknown origin. */
export interface Comment {
  /** Grows from one comment of the forge to the next. */
  readonly id: number;
  readonly url: string;
  readonly body: string;
  readonly author: string;
  /** What the author is to the repository, in GitHub's words: OWNER, MEMBER, COLLABORATOR, … */
  readonly association: string;
  /** Written by a program: a bot's account, or an app in somebody's name. */
  readonly automated: boolean;
  readonly edited: boolean;
}

/** Whose comments answer: these accounts, and whoever is one of these to the repository. */
export interface AnswerPolicy {
  readonly authors: readonly string[];
  readonly associations: readonly string[];
}

/** What a comment commands, or why its command cannot be taken. */
export type Command = { readonly answer: Answer } | { readonly problem: string };

/** Whether the policy lets this comment act. A program's comment never does. */
export function mayAnswer({ authors, associations }: AnswerPolicy, comment: Comment): boolean {
  if (comment.automated) return false;
  const author = comment.author.toLowerCase();
  return authors.some((name) => name.toLowerCase() === author) || associations.includes(comment.association);
}

/** The command in a comment's first line, with the rest as guidance byte for byte; nothing when the comment is prose, a quote or code. */
export function commandOf(comment: Pick<Comment, 'body' | 'author' | 'edited'>): Command | undefined {
  const { body, author, edited } = comment;
  const end = body.indexOf('\n');
  const first = end < 0 ? body : body.slice(0, end);
  const [command, ...words] = first.replace(/\r$/, '').split(/[ \t]+/);
  if (command !== COMMAND) return undefined;
  if (edited) return { problem: 'the comment was edited, and who wrote what cannot be told: write a new one' };
  return answerOf(words, { by: author, ...guidanceOf(end < 0 ? '' : body.slice(end + 1)) });
}

function guidanceOf(text: string): Pick<Answer, 'guidance'> {
  return text.trim() === '' ? {} : { guidance: text };
}

function answerOf([word = '', ...words]: readonly string[], rest: Pick<Answer, 'by' | 'guidance'>): Command {
  const decision = DECISIONS.find((known) => known === word);
  if (decision === undefined) {
    const what = word === '' ? 'there is no decision' : `${JSON.stringify(word.slice(0, 40))} is no decision`;
    return { problem: `${what}: use ${DECISIONS.join(', ')}` };
  }
  const options = optionsOf(words);
  if ('problem' in options) return options;
  const answer: Answer = { decision, ...options.fields, ...rest };
  const problem = malformed(answer);
  return problem === undefined ? { answer } : { problem };
}

type Fields = Pick<Answer, (typeof GRANTS)[number] | 'question' | 'refs'>;
type Options = { readonly fields: Fields } | { readonly problem: string };

// Far more than a run has repositories.
const MAX_REFS = 100;
const NAMES = [...GRANTS, 'question', 'at'] as const;

function optionsOf(words: readonly string[]): Options {
  let fields: Fields = {};
  const rest = words.filter((word) => word !== '');
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    const equals = word.indexOf('=');
    const given = equals < 0 ? word : word.slice(0, equals);
    const name = NAMES.find((known) => `--${known}` === given);
    if (name === undefined) return { problem: `${quoted(given)} is no option: use --${NAMES.join(', --')}` };
    const value = equals < 0 ? (rest.shift() ?? '') : word.slice(equals + 1);
    const taken = withOption(fields, name, value);
    if (typeof taken === 'string') return { problem: taken };
    fields = taken;
  }
  return { fields };
}

/** The options with one more, or why it cannot be one of them. */
function withOption(fields: Fields, name: (typeof NAMES)[number], value: string): Fields | string {
  if (name === 'at') {
    const ref = refGiven(value);
    if (ref === undefined) return `--at takes <repository>=<branch, tag or commit>, not ${quoted(value)}`;
    const refs = Object.entries(fields.refs ?? {});
    if (refs.length === MAX_REFS) return `--at is given more than ${MAX_REFS} times`;
    if (refs.some(([repository]) => repository === ref[0])) return `--at is given twice for ${quoted(ref[0])}`;
    return { ...fields, refs: Object.fromEntries([...refs, ref]) };
  }
  if (fields[name] !== undefined) return `--${name} is given twice`;
  if (name === 'question') return { ...fields, question: value };
  if (/^\d{1,10}(\.\d{1,6})?$/.test(value)) return { ...fields, [name]: Number(value) };
  return `--${name} has to be a positive number, not ${quoted(value)}`;
}

const quoted = (text: string): string => JSON.stringify(text.slice(0, 40));

/** The reply to a comment whose command was taken; `question` is what it decided. */
export function acceptedReply({ decision, guidance, by, ...given }: Answer, question: string): string {
  const grants = GRANTS.flatMap((name) => (given[name] === undefined ? [] : [`${name} +${given[name]}`]));
  const refs = Object.entries(given.refs ?? {}).map(([repository, ref]) => `${code(repository)} at ${code(ref)}`);
  const words = guidance === undefined ? [] : [`${guidance.length} characters of guidance`];
  const parts = [`${code(decision)} by ${code(by ?? '')}`, ...grants, ...refs, ...words];
  return `Accepted for ${code(question)}: ${parts.join(', ')}.`;
}

/** The reply to a comment whose command was not taken, with the reason. */
export function refusedReply(why: string): string {
  return `Not accepted, nothing was changed: ${code(why, 500)}.`;
}
