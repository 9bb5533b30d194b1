export const DECISIONS = ['resume', 'retry', 'accept_draft', 'replan', 'take_over', 'abort'] as const;
export type Decision = (typeof DECISIONS)[number];

/** A person's decision on an escalated run. */
export interface Answer {
  readonly decision: Decision;
  /** Goes word for word into the next prompt; at most 20,000 characters. */
  readonly guidance?: string;
  /** Further attempts granted. When absent: 1 for a retry, none beside the person's own for a resume, as many as the plan before was allowed for a replan. */
  readonly attempts?: number;
  /** Further budget granted. */
  readonly usd?: number;
  readonly tokens?: number;
  readonly minutes?: number;
  /** For `resume`: a branch, tag or commit by repository, where the commits are not in the worktree. */
  readonly refs?: Readonly<Record<string, string>>;
  readonly by?: string;
  /** The escalation that is answered (`q1`); the open one when absent. */
  readonly question?: string;
}

/** An answer with the way it came in: `update`, `signal`, or `policy` when nobody answered in time. */
export interface ReceivedAnswer extends Answer {
  readonly channel: string;
}

export interface AnswerRecord extends ReceivedAnswer {
  readonly question: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
}
