import type { Run } from './run.ts';

/** A run without logs and messages: all that texts for people need, small enough to be handed around in history. */
export function slim(run: Run): Run {
  const attempts = run.attempts.map((attempt) => ({
    ...attempt,
    implementation: { ...attempt.implementation, summary: '' },
    gates: attempt.gates.map((gate) => ({ ...gate, excerpt: '', findings: [], artifacts: [] })),
  }));
  return { ...run, attempts };
}
