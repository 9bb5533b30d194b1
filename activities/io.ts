/** How an activity ends early: `stop` ends the work and its processes, `detach` leaves them for the next attempt. */
export class Interruption extends Error {
  override readonly name = 'Interruption';
  readonly mode: 'stop' | 'detach';
  constructor(mode: 'stop' | 'detach') {
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
