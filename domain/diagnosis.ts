import type { SessionRecord } from './agent.ts';
import { currentAttempts } from './attempts.ts';
import type { ArtifactRef } from './ids.ts';
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
export interface Diagnosis extends SessionRecord {
  readonly hypotheses: readonly Hypothesis[];
  /** What it looked at in the environment, JSON lines; absent when nothing. */
  readonly inspections?: ArtifactRef;
}

/** What was believed after the attempt before, in the light of how the newest one ended. */
export function judged(run: Run): Run {
  const [before, last] = currentAttempts(run).slice(-2);
  if (before?.diagnosis === undefined || last === undefined) return run;
  const outcome = outcomeOf(before, last);
  if (outcome === undefined) return run;
  const hypotheses = before.diagnosis.hypotheses.map((one) => (one.standing === 'open' ? { ...one, ...outcome } : one));
  const diagnosis = { ...before.diagnosis, hypotheses };
  return { ...run, attempts: [...run.attempts.slice(0, -2), { ...before, diagnosis }, last] };
}

/** How acting on a diagnosis turned out; nothing while that is not measured: a gate that was not reached, or ran no test, shows nothing. */
function outcomeOf(before: Attempt, last: Attempt): Pick<Hypothesis, 'standing' | 'why'> | undefined {
  const failed = before.gates.find(({ result }) => result !== 'passed');
  const now = last.gates.find(({ gate }) => gate === failed?.gate);
  if (failed === undefined || now === undefined) return undefined;
  const confirmed = {
    standing: 'confirmed' as const,
    why: `attempt ${last.number} acted on it and what failed passes`,
  };
  if (now.result === 'passed') return confirmed;
  const ids = failed.findings.map(({ id }) => id);
  const left = ids.filter((id) => now.findings.some((finding) => finding.id === id));
  if (ids.length > 0 && left.length === ids.length)
    return { standing: 'refuted', why: `attempt ${last.number} acted on it and the same tests failed` };
  const measured = now.failureClass === 'test_failure' && failed.failureClass === 'test_failure';
  return ids.length > 0 && left.length === 0 && measured ? confirmed : undefined;
}

/** Hypotheses of a new session: one that says again what an attempt has acted on in vain stays refuted. */
export function againstRefuted(hypotheses: readonly Hypothesis[], run: Run): readonly Hypothesis[] {
  const before = currentAttempts(run).flatMap(({ diagnosis }) => diagnosis?.hypotheses ?? []);
  const refuted = before.filter(({ standing }) => standing === 'refuted');
  return hypotheses.map((one) => {
    const same = refuted.find(({ claim }) => plainly(claim) === plainly(one.claim));
    return same === undefined ? one : { ...one, standing: 'refuted', why: `the same as ${same.id}: ${same.why}` };
  });
}

function plainly(text: string): string {
  return text
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim();
}
