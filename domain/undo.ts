import type { Run } from './run.ts';

/** Repositories whose own branch and pull request an ending without success takes back, last published first. */
export function undoes(run: Run): readonly string[] {
  if (!run.publishing || (run.ending !== 'cancelled' && run.ending !== 'aborted')) return [];
  const changed = new Set(run.attempts.flatMap(({ implementation }) => implementation.changed));
  return run.repositories
    .map(({ key }) => key)
    .filter((key) => changed.has(key))
    .toReversed();
}
