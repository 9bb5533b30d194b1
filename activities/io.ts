import type { SessionCost } from '../domain/budget.ts';

/**
 * How an activity ends early: `stop` ends the processes and keeps what the next attempt needs to go on, `reset` has it begin
 * anew, `detach` leaves the processes running for it.
 */
export class Interruption extends Error {
  override readonly name = 'Interruption';
  readonly mode: 'stop' | 'detach' | 'reset';
  constructor(mode: Interruption['mode']) {
    super(`interrupted: ${mode}`);
    this.mode = mode;
  }
}

/** What went wrong after a session had ended, as `cause`, with what the session has spent: it is paid, whatever comes of it. */
export class FaultAfterSession extends Error {
  override readonly name = 'FaultAfterSession';
  readonly spent: SessionCost;
  constructor(cause: unknown, spent: SessionCost) {
    super(cause instanceof Error ? cause.message : String(cause), { cause });
    this.spent = spent;
  }
}

/** What is waited for is not there yet: the activity is tried again after `afterMs`, and no failure is counted or logged. */
export class Again extends Error {
  override readonly name = 'Again';
  readonly afterMs: number;
  constructor(what: string, afterMs: number) {
    super(what);
    this.afterMs = afterMs;
  }
}

/** What an adapter gets from the outside. `signal` aborts with an `Interruption` as its reason. */
export interface Io {
  readonly signal: AbortSignal;
  /** One line for people about what is going on, with figures worth showing. Cheap; call it freely. */
  progress(step: string, figures?: Readonly<Record<string, number>>): void;
}
