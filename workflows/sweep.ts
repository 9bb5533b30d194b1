import { ActivityFailure, sleep, workflowInfo } from '@temporalio/workflow';
import type { Activities } from '../activities/create.ts';
import { isHostBound } from '../domain/environment.ts';
import { leakNotification, leaseIdOf } from '../domain/lease.ts';
import type { SweepOrder, SweepReport } from '../domain/lease.ts';
import { light, sweeping, teardownTime } from './activities.ts';
import { hostQueue } from './contract.ts';
import { tellEach } from './tell.ts';

/** Looks for environments that no lease holds, and tells of them. Where it may, it looks again a little later and erases those that it finds twice. */
export async function sweep(order: SweepOrder): Promise<SweepReport> {
  const { project, environment, notifiers, erase, graceSeconds } = order;
  const { host, ...first } = await look(order, { round: 1 });
  const { leaked } = first;
  if (leaked.length === 0) return { ...first, erased: [] };
  const notification = leakNotification(order, { leaked, at: workflowInfo().startTime.getTime() });
  await tellEach(notifiers, { id: 'leaked', summary: project, notification, by: light });
  if (!erase) return { ...first, erased: [] };
  await sleep(graceSeconds * 1000);
  const where = isHostBound(environment.kind) ? { taskQueue: hostQueue(host) } : {};
  const { host: _host, ...second } = await look(order, { round: 2, ...where });
  const erased: string[] = [];
  for (const name of second.leaked.filter((one) => leaked.includes(one))) {
    const options = { activityId: `release:${name}`, summary: name, ...teardownTime(environment), ...where };
    const input = { environment, name, unlessHeld: leaseIdOf(project, name) };
    if ((await quietly(sweeping.release.executeWithOptions(options, [input]))) === true) erased.push(name);
  }
  return { ...second, leaked: second.leaked.filter((name) => !erased.includes(name)), erased };
}

interface Where {
  readonly round: number;
  readonly taskQueue?: string;
}

function look({ project, environment }: SweepOrder, { round, ...where }: Where): ReturnType<Activities['survey']> {
  return light.survey.executeWithOptions({ activityId: `survey:${round}`, summary: project, ...where }, [
    { project, environment },
  ]);
}

/** What fails now is found again by the next sweep, and is there to be seen until then. */
async function quietly<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (!(error instanceof ActivityFailure)) throw error;
    return undefined;
  }
}
