import { redAttempt, shownGates, unjudgedLine } from './attempts.ts';
import { attemptFingerprint } from './breaker.ts';
import type { Hypothesis } from './diagnosis.ts';
import type { Finding, GateResult, TestCounts } from './gate.ts';
import { progressOf } from './progress.ts';
import type { Attempt, Implementation, Run } from './run.ts';
import { cutHead, cutLine, tail } from './text.ts';

const MAX_FINDINGS = 20;

/** One attempt's figures. `progress` is a share from 0 to 1, null when unknown. */
export interface AttemptRecord extends Pick<
  Implementation,
  'end' | 'why' | 'usd' | 'tokens' | 'turns' | 'seconds' | 'commits' | 'diffs'
> {
  readonly number: number;
  readonly summary: string;
  /** The person who made it; absent for an agent's. */
  readonly by?: string;
  readonly fingerprint: string;
  readonly progress: number | null;
  readonly gates: readonly (Pick<GateResult, 'gate' | 'result' | 'why' | 'failureClass' | 'seconds'> & {
    readonly tests: TestCounts | null;
  })[];
  /** Why no gate judged it; empty where one did. */
  readonly unjudged: string;
  /** With evidence for the newest attempt that was red only; so is the excerpt. */
  readonly failing: readonly Finding[];
  readonly excerpt: string;
  readonly hypotheses: readonly Hypothesis[];
  /** References in the artifact store: prompt, transcript, logs, reports. */
  readonly artifacts: readonly string[];
}

/** An attempt with its texts cut to fixed sizes; evidence comes with the newest red one only. */
export function attemptRecord(run: Run, attempt: Attempt): AttemptRecord {
  const { number, implementation, diagnosis } = attempt;
  const gates = shownGates(attempt);
  const { by, end, why, summary, usd, tokens, turns, seconds, commits, diffs, prompt, transcript } = implementation;
  const earlier = number !== redAttempt(run)?.number;
  const failing = gates.find(({ result }) => result !== 'passed');
  const looked = [diagnosis?.prompt, diagnosis?.transcript, diagnosis?.inspections].filter((one) => one !== undefined);
  return {
    number,
    ...(by === undefined ? {} : { by: cutLine(by, 100) }),
    ...{ end, why: cutLine(why, 1000), summary: cutHead(summary, 2000), usd, tokens, turns, seconds, commits, diffs },
    fingerprint: cutLine(attemptFingerprint(attempt), 100),
    progress: progressOf(run, attempt),
    unjudged: unjudgedLine(attempt, run.attempts),
    gates: gates.map((gate) => ({
      ...{ gate: gate.gate, result: gate.result, why: cutLine(gate.why, 1000), failureClass: gate.failureClass },
      ...{ seconds: gate.seconds, tests: gate.tests },
    })),
    failing: (failing?.findings ?? []).slice(0, earlier ? 10 : MAX_FINDINGS).map((finding) => ({
      ...finding,
      ...{ id: cutLine(finding.id, 300), where: cutLine(finding.where, 300), title: cutLine(finding.title, 300) },
      evidence: earlier ? '' : cutHead(finding.evidence, 2000),
    })),
    excerpt: earlier ? '' : tail(failing?.excerpt ?? '', 4000).toWellFormed(),
    hypotheses: (diagnosis?.hypotheses ?? []).slice(0, 10).map(hypothesisRecord),
    artifacts: [prompt, transcript, ...looked, ...gates.flatMap(({ artifacts }) => artifacts)]
      .map(({ ref }) => ref)
      .filter((ref) => ref !== '')
      .slice(0, 100),
  };
}

function hypothesisRecord({ id, claim, kind, standing, why, evidence, proposal }: Hypothesis): Hypothesis {
  const cited = evidence
    .slice(0, 3)
    .map(({ source, quote }) => ({ source: cutLine(source, 200), quote: cutHead(quote, 500) }));
  return {
    ...{ id: cutLine(id, 40), claim: cutLine(claim, 500), kind, evidence: cited, standing },
    ...{ why: cutLine(why, 500), proposal: cutLine(proposal, 500) },
  };
}
