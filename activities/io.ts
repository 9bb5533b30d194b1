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

/** What an adapter gets from the outside. `signal` aborts with an `Interruption` as its reason. */
export interface Io {
  readonly signal: AbortSignal;
  /** One line for people about what is going on, with figures worth showing. Cheap; call it freely. */
  progress(step: string, figures?: Readonly<Record<string, number>>): void;
}
