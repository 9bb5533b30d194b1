import { sleep } from '@temporalio/workflow';
import type { Limits } from '../domain/project.ts';

/** Acts, and again after each of the limits' durable waits while the result is the infrastructure's fault. Gives the last result. */
export async function withBackoff<T>(
  { infraBackoffSeconds }: Limits,
  { act, again }: { readonly act: () => Promise<T>; readonly again: (result: T) => boolean },
): Promise<T> {
  for (const seconds of infraBackoffSeconds) {
    const result = await act();
    if (!again(result)) return result;
    await sleep(seconds * 1000);
  }
  return act();
}
