import { isEnvironmental } from './gate.ts';
import type { GateResult, Tries } from './gate.ts';

/** How a gate goes on that did not get to judge: after so many seconds, in the environment it had or in a new one. */
export interface NextTry {
  readonly seconds: number;
  readonly environment: 'same' | 'new';
}

/**
 * The next try of a gate, or nothing when its result counts or a person is asked. `waits`, in seconds, are those before each
 * further try. One new environment is made: at once where the one it had is not fit any more, else for the last try.
 */
export function nextTry(
  result: Pick<GateResult, 'failureClass'>,
  { waits, tries }: { readonly waits: readonly number[]; readonly tries: Tries },
): NextTry | undefined {
  const seconds = waits[tries.times - 1];
  if (!isEnvironmental(result) || seconds === undefined) return undefined;
  const unfit = result.failureClass !== 'infra';
  const reprovisioned = tries.environments.length > 1;
  if (reprovisioned) return unfit ? undefined : { seconds, environment: 'same' };
  return { seconds, environment: unfit || tries.times === waits.length ? 'new' : 'same' };
}

/** Why a gate could not judge: what is broken, of which class, and how often and where it was tried. */
export function whyUnjudged({ gate, why, failureClass, tries }: GateResult): string {
  if (tries === undefined) return `${gate}: ${why}`;
  const { times, environments } = tries;
  const where = environments.length === 0 ? '' : ` in ${environments.join(' and ')}`;
  return `${gate}: ${why} (${failureClass}, ${times} ${times === 1 ? 'try' : 'tries'}${where})`;
}
