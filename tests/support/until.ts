import { setTimeout as wait } from 'node:timers/promises';

/** Looks until it holds; the test's own time limit ends it. */
export async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await wait(50);
}
