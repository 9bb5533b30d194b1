import { redAttempt } from './attempts.ts';
import type { GateResult } from './gate.ts';
import type { ArtifactRef } from './ids.ts';
import type { RoleChoices } from './project.ts';
import type { Attempt, Run } from './run.ts';

const NOWHERE: ArtifactRef = { ref: '', sha256: '', bytes: 0 };

/** A run without logs, messages and references to them: all that texts for people need, small enough to be handed around in history. */
export function slim(run: Run): Run {
  const roles: RoleChoices = { developer: { agent: { ...run.roles.developer.agent, options: {} } } };
  return { ...mapped(run, bare), roles };
}

function bare(attempt: Attempt): Attempt {
  const { diagnosis, ...rest } = attempt;
  return {
    ...rest,
    implementation: { ...attempt.implementation, summary: '', prompt: NOWHERE, transcript: NOWHERE },
    ...eachGate(attempt, (gate) => ({ ...gate, excerpt: '', findings: [], artifacts: [] })),
    ...(diagnosis === undefined ? {} : { diagnosis: { ...diagnosis, prompt: NOWHERE, transcript: NOWHERE } }),
  };
}

/** A run with its references and without the texts behind them. */
export function withoutTexts(run: Run): Run {
  return mapped(run, (attempt) => ({
    ...attempt,
    ...eachGate(attempt, (gate) => ({
      ...gate,
      excerpt: '',
      findings: gate.findings.map((finding) => ({ ...finding, evidence: '' })),
    })),
  }));
}

/** What a prompt is made of: texts, no references. */
export function forPrompt(run: Run): Run {
  return mapped(run, (attempt) => ({ ...attempt, ...eachGate(attempt, unreferenced) }));
}

/** What a diagnosis of the newest attempt needs: the references of what failed in it, for its session reads the files themselves. */
export function forDiagnosis(run: Run): Run {
  const last = run.attempts.length;
  return mapped(run, (attempt) => ({
    ...attempt,
    ...eachGate(attempt, (gate) =>
      attempt.number === last && gate.result !== 'passed' ? { ...gate, excerpt: '' } : unreferenced(gate),
    ),
  }));
}

function eachGate(
  { gates, unjudged }: Attempt,
  change: (gate: GateResult) => GateResult,
): Pick<Attempt, 'gates' | 'unjudged'> {
  return { gates: gates.map(change), ...(unjudged === undefined ? {} : { unjudged: change(unjudged) }) };
}

function unreferenced(gate: GateResult): GateResult {
  return { ...gate, artifacts: [] };
}

function mapped(run: Run, change: (attempt: Attempt) => Attempt): Run {
  return { ...run, attempts: run.attempts.map(change) };
}

/** What the dossier is made of: texts of the newest attempt that was red only, and every reference. */
export function forDossier(run: Run): Run {
  const red = redAttempt(run)?.number;
  const slimmed = withoutTexts(run).attempts;
  return { ...run, attempts: run.attempts.map((one, at) => (one.number === red ? one : (slimmed[at] ?? one))) };
}
