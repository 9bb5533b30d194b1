import type { Run } from '../domain/run.ts';
import type { Environments, Holding } from './environments.ts';

/** Where a gate is tried: one environment at a time, which is held from when it is first needed. */
export interface Place {
  hold(): Promise<Holding>;
  /** Names of all that were held, oldest first; none where nothing is brought up. */
  names(): readonly string[];
  /** Keeps the lease of the one that is held for the seconds of a wait. */
  stay(seconds: number): Promise<void>;
  /** Gives up the one that is held: the next is another. */
  leave(): Promise<void>;
}

/** The place of one gate of a run. */
export function placeOf(run: Run, environments: Environments): Place {
  let held: Holding | undefined;
  const names: string[] = [];
  return {
    async hold() {
      if (held !== undefined) return held;
      held = await environments.hold(run);
      if (held.lease !== undefined) names.push(held.name);
      return held;
    },
    names: () => [...names],
    stay: async (seconds) => {
      if (held?.lease !== undefined) await environments.stay(held.name, seconds + held.lease.seconds);
    },
    async leave() {
      const given = held;
      held = undefined;
      if (given !== undefined) await environments.release(given.name);
    },
  };
}
