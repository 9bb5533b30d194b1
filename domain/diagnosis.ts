import type { AgentEnd, Cord } from './agent.ts';
import type { ArtifactRef } from './ids.ts';
import type { Usage } from './prices.ts';
import type { Attempt, Run } from './run.ts';

/** What a hypothesis blames: the change, the environment it ran in, the test, or the specification. */
export const BLAMES = ['bug', 'environment', 'test', 'spec'] as const;
export type Blame = (typeof BLAMES)[number];

export interface Evidence {
  /** File below the session's folder, or the command whose output is quoted. */
  readonly source: string;
  /** Word for word, white space aside. */
  readonly quote: string;
}

/** As a debugger reports it. */
export interface Claim {
  readonly claim: string;
  readonly kind: Blame;
  readonly evidence: readonly Evidence[];
  /** What the next attempt should do. */
  readonly proposal: string;
}

/** `unproven`: none of its evidence was found. `refuted`: an attempt acted on it and failed the same way. `confirmed`: the failure is gone. */
export type Standing = 'open' | 'unproven' | 'refuted' | 'confirmed';

export interface Hypothesis extends Claim {
  /** `h<attempt>.<number>`. */
  readonly id: string;
  readonly standing: Standing;
  /** One sentence: why it stands so. */
  readonly why: string;
}

/** What a debugger session left behind. */
export interface Diagnosis {
  readonly end: AgentEnd;
  readonly why: string;
  readonly cord?: Cord;
  readonly hypotheses: readonly Hypothesis[];
  readonly sessionId: string;
  readonly usd: number;
  readonly tokens: number;
  readonly unpriced?: true;
  /** The tokens by kind, where the agent tells them apart. */
  readonly usage?: Usage;
  readonly turns: number;
  readonly seconds: number;
  readonly prompt: ArtifactRef;
  readonly transcript: ArtifactRef;
}

/** What was believed after the attempt before, in the light of how the newest one ended. */
export function judged(run: Run): Run {
  const [before, last] = run.attempts.slice(-2);
  if (before?.diagnosis === undefined || last === undefined) return run;
  const failing = ({ gates }: Attempt): readonly string[] =>
    gates.flatMap(({ result, findings }) => (result === 'passed' ? [] : findings.map(({ id }) => id)));
  const tried = { attempt: last.number, before: failing(before), after: failing(last) };
  const diagnosis = { ...before.diagnosis, hypotheses: judgeHypotheses(before.diagnosis, tried) };
  return { ...run, attempts: [...run.attempts.slice(0, -2), { ...before, diagnosis }, last] };
}

/** The hypotheses of one diagnosis after an attempt that acted on them. `before` and `after` are the ids of failing findings. */
function judgeHypotheses(
  { hypotheses }: Pick<Diagnosis, 'hypotheses'>,
  tried: { readonly attempt: number; readonly before: readonly string[]; readonly after: readonly string[] },
): readonly Hypothesis[] {
  const left = tried.before.filter((id) => tried.after.includes(id));
  return hypotheses.map((one) => {
    if (one.standing !== 'open') return one;
    if (left.length === 0)
      return { ...one, standing: 'confirmed', why: `attempt ${tried.attempt} acted on it and what failed passes` };
    if (left.length < tried.before.length) return one;
    return { ...one, standing: 'refuted', why: `attempt ${tried.attempt} acted on it and the same tests failed` };
  });
}
