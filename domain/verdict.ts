import type { GateResult } from './gate.ts';
import type { Commits } from './ids.ts';
import type { Attempt, Run } from './run.ts';

/** True when both name the same commit for the same repositories. */
export function sameCommits(a: Commits, b: Commits): boolean {
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => a[key] === b[key]);
}

/** Says why a gate does not hold for these commits, or nothing when it does. */
export function gateProblem(result: GateResult, commits: Commits): string | undefined {
  if (!sameCommits(result.commits, commits)) return `${result.gate} judged other commits than the attempt's`;
  if (result.result !== 'passed')
    return `${result.gate} ${result.result === 'failed' ? 'failed' : 'did not run'}: ${result.why}`;
  if (result.examined < 1) return `${result.gate} examined nothing`;
  return undefined;
}

/** Says what an attempt lacks to be published as finished work, or nothing. The conjunction that success is made of. */
export function publishProblem(run: Run, attempt: Attempt): string | undefined {
  const { implementation } = attempt;
  if (implementation.changed.length === 0) return `attempt ${attempt.number} changed nothing`;
  for (const gate of run.gates) {
    const result = attempt.gates.find((candidate) => candidate.gate === gate);
    if (result === undefined) return `${gate} did not run on attempt ${attempt.number}`;
    const problem = gateProblem(result, implementation.commits);
    if (problem !== undefined) return problem;
  }
  return undefined;
}
