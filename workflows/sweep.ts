import { ActivityFailure, sleep, workflowInfo } from '@temporalio/workflow';
import type { Activities } from '../activities/create.ts';
import { leakNotification } from '../domain/lease.ts';
import type { SweepOrder, SweepReport } from '../domain/lease.ts';
import { light, sweeping } from './activities.ts';

/** Looks for environments that no lease holds, and tells of them. Where it may, it looks again a little later and erases those that it finds twice. */
export async function sweep(order: SweepOrder): Promise<SweepReport> {
  const { environment, notifiers, erase, graceSeconds } = order;
  const first = await look(order, 1);
  const { leaked } = first;
  if (leaked.length === 0) return { ...first, erased: [] };
  const notification = leakNotification(order, { leaked, at: workflowInfo().startTime.getTime() });
  await quietly(light.notify.executeWithOptions({ activityId: 'notify' }, [{ notifiers, notification }]));
  if (!erase) return { ...first, erased: [] };
  await sleep(graceSeconds * 1000);
  const second = await look(order, 2);
  const erased: string[] = [];
  for (const name of second.leaked.filter((one) => leaked.includes(one))) {
    const summary = { activityId: `release:${name}`, summary: name };
    if (await quietly(sweeping.release.executeWithOptions(summary, [{ environment, name }]))) erased.push(name);
  }
  return { ...second, leaked: second.leaked.filter((name) => !erased.includes(name)), erased };
}

function look({ project, environment }: SweepOrder, round: number): ReturnType<Activities['survey']> {
  return light.survey.executeWithOptions({ activityId: `survey:${round}`, summary: project }, [
    { project, environment },
  ]);
}

/** What fails now is found again by the next sweep, and is there to be seen until then. */
async function quietly(work: Promise<unknown>): Promise<boolean> {
  try {
    await work;
    return true;
  } catch (error) {
    if (!(error instanceof ActivityFailure)) throw error;
    return false;
  }
}
