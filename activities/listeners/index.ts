import type { AnswerPolicy } from '../../domain/comment-answer.ts';
import type { CommentRef, Heard, ListenOrder, ReplyOrder } from '../../domain/listening.ts';
import type { Io } from '../io.ts';
import { github } from './github.ts';

/** Reads what people comment on a question. */
export interface Listener {
  /** The first command of somebody who may answer that comes after `order.after`; nothing when there is none yet. */
  listen(order: ListenOrder, io: Io): Promise<Heard | undefined>;
  /** Tells the author of a comment once what became of it. */
  reply(order: ReplyOrder): Promise<void>;
}

export interface ListenerConfig {
  /** The listener's own settings. */
  readonly options: Readonly<Record<string, string>>;
  readonly policy: AnswerPolicy;
  /** What was read last, while this process lives: saves requests, and nothing depends on it. */
  readonly memory: Map<string, string>;
  /** The value behind a secret's name. */
  secret(name: string): string | undefined;
}

export const listeners = { github } satisfies Record<string, (config: ListenerConfig) => Listener>;
export type { CommentRef, Heard, ListenOrder, ReplyOrder };
