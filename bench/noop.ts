import { proxyActivities } from '@temporalio/workflow';

const { nothing } = proxyActivities<{ nothing(): Promise<void> }>({ startToCloseTimeout: '1m' });

/** Sequential steps that do nothing: the floor that Temporal itself sets. */
export async function noop(steps: number): Promise<void> {
  for (let step = 0; step < steps; step += 1) await nothing();
}
