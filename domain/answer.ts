export const DECISIONS = ['resume', 'retry', 'accept_draft', 'replan', 'take_over', 'abort'] as const;
export type Decision = (typeof DECISIONS)[number];
/** What an answer may grant. */
export const GRANTS = ['attempts', 'usd', 'tokens', 'minutes'] as const;
/** Characters that guidance may have. */
export const MAX_GUIDANCE = 20_000;

/** A person's decision on an escalated run. */
export interface Answer {
  readonly decision: Decision;
  /** Goes word for word into the next prompt; at most `MAX_GUIDANCE` characters. */
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

/** An answer with the way it came in: `update`, `signal`, `github`, or `policy` when nobody answered in time. */
export interface ReceivedAnswer extends Answer {
  readonly channel: string;
}

export interface AnswerRecord extends ReceivedAnswer {
  readonly question: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/** An answer as it came in, without the fields that no answer has. */
export function received(answer: Answer, channel: string): ReceivedAnswer {
  const { decision, guidance, attempts, usd, tokens, minutes, refs, by, question } = answer;
  return {
    decision,
    ...(guidance === undefined ? {} : { guidance }),
    ...(attempts === undefined ? {} : { attempts }),
    ...(usd === undefined ? {} : { usd }),
    ...(tokens === undefined ? {} : { tokens }),
    ...(minutes === undefined ? {} : { minutes }),
    ...(refs === undefined ? {} : { refs }),
    ...(by === undefined ? {} : { by }),
    ...(question === undefined ? {} : { question }),
    channel,
  };
}

/** The repository and the branch, tag or commit in `<repository>=<ref>`; nothing where one of them is missing. */
export function refGiven(text: string): readonly [repository: string, ref: string] | undefined {
  const equals = text.indexOf('=');
  return equals < 1 || equals === text.length - 1 ? undefined : [text.slice(0, equals), text.slice(equals + 1)];
}
