import type { ArtifactRef } from './ids.ts';
import type { Run } from './run.ts';

const NOWHERE: ArtifactRef = { ref: '', sha256: '', bytes: 0 };

/** A run without logs, messages and references to them: all that texts for people need, small enough to be handed around in history. */
export function slim(run: Run): Run {
  const attempts = run.attempts.map((attempt) => ({
    ...attempt,
    implementation: { ...attempt.implementation, summary: '', prompt: NOWHERE, transcript: NOWHERE },
    gates: attempt.gates.map((gate) => ({ ...gate, excerpt: '', findings: [], artifacts: [] })),
  }));
  return { ...run, attempts };
}

/** A run whose earlier attempts are without logs and messages: what the dossier shows, small enough for history. */
export function evidenceOfLast(run: Run): Run {
  const attempts = run.attempts.map((attempt, index) => {
    if (index === run.attempts.length - 1) return attempt;
    const gates = attempt.gates.map((gate) => ({
      ...gate,
      excerpt: '',
      findings: gate.findings.map((finding) => ({ ...finding, evidence: '' })),
    }));
    return { ...attempt, gates };
  });
  return { ...run, attempts };
}
