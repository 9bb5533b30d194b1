/** A quoted passage that really stands in its source: a log, a report, the output of a command. */
export interface Evidence {
  readonly source: string;
  readonly quote: string;
}

/** One explanation of a failure, and what became of it. */
export interface Hypothesis {
  readonly id: string;
  readonly claim: string;
  readonly kind: 'bug' | 'environment' | 'test' | 'spec';
  readonly evidence: readonly Evidence[];
  readonly standing: 'open' | 'unproven' | 'refuted';
  /** Why it stands so; empty while it is open. */
  readonly why: string;
}

/** What was believed about a failed attempt. */
export interface Diagnosis {
  readonly hypotheses: readonly Hypothesis[];
}
