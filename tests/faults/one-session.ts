import { ActivityCancellationType, proxyActivities } from '@temporalio/workflow';
import type { ActivityOptions } from '@temporalio/workflow';
import type { Activities } from '../../activities/create.ts';
import type { ImplementInput } from '../../activities/implement.ts';
import type { Outcome } from '../../domain/outcome.ts';

export interface OneSessionInput {
  readonly input: ImplementInput;
  readonly times: Pick<ActivityOptions, 'heartbeatTimeout' | 'startToCloseTimeout' | 'taskQueue'>;
}

/** One agent session under time-outs of the test's own. */
export async function oneSession({ input, times }: OneSessionInput): Promise<Outcome> {
  const { implement } = proxyActivities<Activities>({
    ...times,
    scheduleToCloseTimeout: '5m',
    cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
    retry: { initialInterval: '200ms', backoffCoefficient: 1 },
  });
  return implement.executeWithOptions({ activityId: 'implement' }, [input]);
}
