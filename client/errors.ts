import type { Run } from '../domain/run.ts';

/** Exit codes of every verb. */
export const EXIT = { done: 0, unsuccessful: 1, usage: 2, waiting: 3 } as const;

/** The exit code that a run as it stands deserves, or nothing while it goes on. */
export function exitCodeOf(run: Run): number | undefined {
  if (run.ending !== null) return run.ending === 'completed' ? EXIT.done : EXIT.unsuccessful;
  return run.escalation === null ? undefined : EXIT.waiting;
}

/** The user's order cannot be carried out as given. One sentence; exit code 2 unless said otherwise. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
  readonly exitCode: number;
  constructor(message: string, exitCode: number = EXIT.usage) {
    super(message);
    this.exitCode = exitCode;
  }
}

/** A run does not answer: no worker is up, or none gets to it. It goes on when one does. */
export class NoAnswer extends UsageError {
  constructor(message: string) {
    super(message, EXIT.unsuccessful);
  }
}

const INVALID = ['UsageError', 'SpecInvalid', 'ProjectInvalid', 'EnvironmentAbsent', 'NotDeployed'];

/** What to print for an error, and the exit code: sentences for what is expected, never a stack trace. */
export function explainError(error: unknown): { message: string; exitCode: number } {
  if (!(error instanceof Error)) return { message: String(error), exitCode: EXIT.unsuccessful };
  if (error instanceof UsageError) return { message: error.message, exitCode: error.exitCode };
  if (isUnanswered(error)) {
    const hint = 'is a worker up? `spec-to-pr up` starts one; then give the command again';
    return { message: `${error.message}: ${hint}`, exitCode: EXIT.unsuccessful };
  }
  return { message: error.message, exitCode: INVALID.includes(error.name) ? EXIT.usage : EXIT.unsuccessful };
}

// The gRPC codes DEADLINE_EXCEEDED and UNAVAILABLE, in an error of Temporal's client, which takes too long to load for its types.
function isUnanswered({ name, cause }: Error): boolean {
  return name === 'ServiceError' && cause instanceof Error && 'code' in cause && [4, 14].includes(Number(cause.code));
}
