import { ActivityFailure, TimeoutFailure } from '@temporalio/workflow';
import type { ActivityOptions } from '@temporalio/workflow';
import { hostQueue } from './contract.ts';

/** A host that takes no work for so long is taken for lost, with the environment that it had. */
export const HOST_WAIT = '10 minutes';

/** Does what only one host can do; nothing when that host takes no work. */
export async function onHost<T>(
  host: string,
  act: (where: Pick<ActivityOptions, 'taskQueue' | 'scheduleToStartTimeout'>) => Promise<T>,
): Promise<T | undefined> {
  try {
    return await act({ taskQueue: hostQueue(host), scheduleToStartTimeout: HOST_WAIT });
  } catch (error) {
    const lost =
      error instanceof ActivityFailure &&
      error.cause instanceof TimeoutFailure &&
      error.cause.timeoutType === 'SCHEDULE_TO_START';
    if (!lost) throw error;
    return undefined;
  }
}
