export type Decision = 'retry' | 'accept_draft' | 'abort';

/** A person's decision on an escalated run. */
export interface Answer {
  readonly decision: Decision;
  /** Goes word for word into the next prompt. */
  readonly guidance?: string;
  /** Further attempts granted; 1 when absent. */
  readonly attempts?: number;
  /** Further USD granted. */
  readonly usd?: number;
  readonly by?: string;
  /** The escalation that is answered (`q1`); the open one when absent. */
  readonly question?: string;
}

export interface AnswerRecord extends Answer {
  readonly question: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** `update` or `signal`. */
  readonly channel: string;
}
