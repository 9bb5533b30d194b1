import type { Answer } from './answer.ts';
import type { Command } from './comment-answer.ts';
import type { NotificationSubject } from './notification.ts';
import { refusal } from './refusal.ts';
import type { Run } from './run.ts';

/** What to listen for: commands in the comments on one question. */
export interface ListenOrder {
  readonly question: string;
  /** Keys of the notifications that asked it, and the run's first question. */
  readonly key: string;
  readonly first: string;
  readonly subject: NotificationSubject;
  /** The comment that was heard last; null before that, then what is older than the first question is no answer. */
  readonly after: number | null;
  /** Since when it has been quiet, in milliseconds since the epoch. */
  readonly since: number;
}

/** Where a comment stands on its forge. */
export interface CommentRef {
  readonly thread: { readonly owner: string; readonly repo: string; readonly number: number };
  readonly id: number;
  readonly url: string;
}

/** A command that was heard. */
export interface Heard {
  readonly comment: CommentRef;
  readonly command: Command;
  /** Written before the question that is listened for was asked. */
  readonly early: boolean;
}

export interface ReplyOrder {
  readonly comment: CommentRef;
  readonly subject: NotificationSubject;
  readonly text: string;
}

/** The answer in a command, or why it cannot be taken now. A comment is about the question that was open when it was written. */
export function judgedComment(
  { command, early }: Heard,
  { question, run, waiting }: { readonly question: string; readonly run: Run; readonly waiting: number },
): Command {
  if ('problem' in command) return command;
  const answer: Answer = { question, ...command.answer };
  if (early && command.answer.question === undefined && run.escalation !== null)
    return { problem: `the comment is older than the open question ${run.escalation.id}: write a new one` };
  const problem = refusal(run, waiting, answer);
  return problem === undefined ? { answer } : { problem };
}

/** Milliseconds to wait before comments are read again: longer the longer it has been quiet, up to eight times `pollSeconds`. */
export function pollDelay(pollSeconds: number, quietMs: number): number {
  const shortest = pollSeconds * 1000;
  return Math.round(Math.min(8 * shortest, Math.max(shortest, quietMs / 10)));
}
