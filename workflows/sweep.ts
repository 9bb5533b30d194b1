import { ActivityFailure, TimeoutFailure, sleep, workflowInfo } from '@temporalio/workflow';
import type { Survey } from '../activities/sweep.ts';
import { isHostBound } from '../domain/environment.ts';
import { leaseIdOf } from '../domain/lease.ts';
import { leakNotification } from '../domain/sweep.ts';
import type { Leak, SweepOrder, SweepReport, Unseen } from '../domain/sweep.ts';
import { light, sweeping, teardownTime } from './activities.ts';
import { hostQueue } from './contract.ts';
import { tellEach } from './tell.ts';

// A worker that is up takes work at once; one that is not may come back in weeks.
const ANSWER_TIME = '10s';

/**
 * Looks for environments that no lease holds, on every known host where they live on hosts, and tells of them. Where it may, it looks
 * again a little later and erases those that it finds twice.
 */
export async function sweep(order: SweepOrder): Promise<SweepReport> {
  const first = await lookEverywhere(order);
  const { own, foreign, unseen } = first;
  const leaked = leaksIn(order, first);
  const report: SweepReport = { leaked, erased: [], own, foreign, unseen };
  if (leaked.length === 0) return report;
  const notification = leakNotification(order, { leaked, unseen, at: workflowInfo().startTime.getTime() });
  await tellEach(order.notifiers, { id: 'leaked', summary: order.project, notification, by: light });
  if (!order.erase) return report;
  await sleep(order.graceSeconds * 1000);
  const second = await lookAgain(order, first);
  const erased: Leak[] = [];
  for (const leak of leaksIn(order, second).filter((one) => leaked.some((before) => same(one, before))))
    if (await erase(order, { leak, at: placeOf(first, leak.host) })) erased.push(leak);
  const left = leaked.filter((one) => !erased.some((gone) => same(one, gone)));
  return { ...report, leaked: left, erased, unseen: [...unseen, ...second.unseen] };
}

/** What was seen, by host, and what was not. */
interface Look extends Pick<SweepReport, 'own' | 'foreign' | 'unseen'> {
  readonly seen: readonly Survey[];
}

/** Where an activity runs. The first host that was looked at needs no mark in the activity's id. */
interface Place {
  readonly mark: string;
  readonly where: { readonly taskQueue?: string; readonly scheduleToStartTimeout?: typeof ANSWER_TIME };
}

const ANYWHERE: Place = { mark: '', where: {} };

async function lookEverywhere(order: SweepOrder): Promise<Look> {
  const main = await look(order, { round: 1, place: ANYWHERE });
  const others = (main.hosts ?? []).filter((host) => host !== main.host);
  const rest = await Promise.all(
    others.map((host) => lookAt(order, { round: 1, host, place: onHost(host, `@${host}`) })),
  );
  return lookOf([main.problem === undefined ? main : { host: main.host, why: main.problem }, ...rest]);
}

/** Once more where something was found. */
async function lookAgain(order: SweepOrder, first: Look): Promise<Look> {
  const found = first.seen.filter(({ leaked }) => leaked.length > 0);
  const again = found.map(({ host }) => {
    const place = isHostBound(order.environment.kind) ? placeOf(first, host) : ANYWHERE;
    return lookAt(order, { round: 2, host, place });
  });
  return lookOf(await Promise.all(again));
}

function lookOf(sights: readonly (Survey | Unseen)[]): Look {
  const seen = sights.flatMap((sight) => ('why' in sight ? [] : [sight]));
  const sum = (of: 'own' | 'foreign'): number => seen.reduce((total, sight) => total + sight[of], 0);
  return {
    seen,
    own: sum('own'),
    foreign: sum('foreign'),
    unseen: sights.flatMap((one) => ('why' in one ? [one] : [])),
  };
}

function leaksIn({ environment }: SweepOrder, { seen }: Look): readonly Leak[] {
  const bound = isHostBound(environment.kind);
  return seen.flatMap(({ host, leaked }) => leaked.map((name) => (bound ? { name, host } : { name })));
}

const same = (one: Leak, other: Leak): boolean => one.name === other.name && one.host === other.host;

function onHost(host: string, mark: string): Place {
  return { mark, where: { taskQueue: hostQueue(host), scheduleToStartTimeout: ANSWER_TIME } };
}

function placeOf({ seen }: Look, host: string | undefined): Place {
  if (host === undefined) return ANYWHERE;
  return onHost(host, host === seen[0]?.host ? '' : `@${host}`);
}

interface LookOrder {
  readonly round: number;
  readonly place: Place;
}

function look({ project, environment }: SweepOrder, { round, place }: LookOrder): Promise<Survey> {
  const options = { activityId: `survey:${round}${place.mark}`, summary: project, ...place.where };
  return light.survey.executeWithOptions(options, [{ project, environment }]);
}

/** The same where it may be that nobody answers. */
async function lookAt(
  order: SweepOrder,
  { host, ...rest }: LookOrder & { readonly host: string },
): Promise<Survey | Unseen> {
  try {
    const sight = await look(order, rest);
    return sight.problem === undefined ? sight : { host, why: sight.problem };
  } catch (error) {
    if (!(error instanceof ActivityFailure)) throw error;
    const { cause } = error;
    return {
      host,
      why: cause instanceof TimeoutFailure ? 'no worker of it answers' : (cause?.message ?? error.message),
    };
  }
}

/** True when the environment is gone and no lease has come to hold it. */
async function erase(
  { project, environment }: SweepOrder,
  { leak: { name }, at }: { readonly leak: Leak; readonly at: Place },
): Promise<boolean> {
  const time = teardownTime(environment);
  const options = { activityId: `release:${name}${at.mark}`, summary: name, ...time, ...at.where };
  const input = { environment, name, unlessHeld: leaseIdOf(project, name) };
  return (await quietly(sweeping.release.executeWithOptions(options, [input]))) === true;
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
