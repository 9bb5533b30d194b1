import {
  ScheduleAlreadyRunning,
  ScheduleNotFoundError,
  ScheduleOverlapPolicy,
  WorkflowNotFoundError,
  isGrpcDeadlineError,
} from '@temporalio/client';
import type { QueryDefinition } from '@temporalio/common';
import { leaseIdOf, sweepIdOf } from '../domain/lease.ts';
import type { EnvironmentChoice } from '../domain/environment.ts';
import type { Lease, LeaseOrder } from '../domain/lease.ts';
import type { SweepOrder } from '../domain/sweep.ts';
import type { Project } from '../domain/project.ts';
import {
  LEASE,
  SWEEP,
  WORKFLOW_QUEUE,
  extendLease,
  leaseSettings,
  leaseState,
  releaseLease,
  reorderLease,
} from '../workflows/contract.ts';
import type { Session } from './connect.ts';

/** Holds an environment for a person: begins a lease, or gives the one that is there a new time. */
export async function holdByHand({ client }: Session, order: LeaseOrder, host: string): Promise<void> {
  const { owner, seconds } = order;
  await client.workflow.signalWithStart(LEASE, {
    workflowId: leaseIdOf(order.project, order.name),
    taskQueue: WORKFLOW_QUEUE,
    staticSummary: order.name,
    args: [order],
    signal: extendLease,
    signalArgs: [{ owner, seconds, host }],
  });
}

/** The lease of an environment; nothing when there is none, or when it has ended. Needs a worker. */
export async function readLease(session: Session, project: string, name: string): Promise<Lease | undefined> {
  return askLease(session, leaseIdOf(project, name), leaseState);
}

/** The settings by which a lease erases its environment; nothing as of `readLease`. */
export async function readSettings(session: Session, id: string): Promise<EnvironmentChoice | undefined> {
  return askLease(session, id, leaseSettings);
}

/** Gives a lease mended settings of the same provider. */
export async function reorder({ client }: Session, id: string, environment: EnvironmentChoice): Promise<void> {
  await client.workflow.getHandle(id).signal(reorderLease, environment);
}

async function askLease<T>({ client }: Session, id: string, query: QueryDefinition<T>): Promise<T | undefined> {
  const handle = client.workflow.getHandle(id);
  try {
    if ((await handle.describe()).status.name !== 'RUNNING') return undefined;
    return await client.withDeadline(Date.now() + 10_000, () => handle.query(query));
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return undefined;
    throw error;
  }
}

/** Gives a lease up and waits until it has erased what it held. False when there is none, or nobody does it in that time. */
export async function giveUp({ client }: Session, id: string, seconds: number): Promise<boolean> {
  const handle = client.workflow.getHandle(id);
  try {
    await handle.signal(releaseLease);
    return await client.withDeadline(Date.now() + seconds * 1000, () => handle.result().then(() => true));
  } catch (error) {
    if (error instanceof WorkflowNotFoundError || isDeadline(error)) return false;
    throw error;
  }
}

/** Makes sure that a schedule looks for environments of the project that no lease holds, as the project file says now. */
export async function ensureSweep({ client }: Session, project: Project): Promise<void> {
  const { environment, leases, notifiers, repositories } = project;
  const scheduleId = sweepIdOf(project.key);
  if (environment.kind === 'none') return;
  if (leases.sweep === 'off') return endSweep(client, scheduleId);
  const order: SweepOrder = {
    ...{ project: project.key, environment, erase: leases.sweep === 'erase' },
    graceSeconds: Math.min(600, leases.sweepSeconds / 2),
    notifiers,
    repositories: repositories.map(({ url }) => url),
  };
  const schedule = {
    spec: { intervals: [{ every: leases.sweepSeconds * 1000 }] },
    policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: 60_000 },
    action: { type: 'startWorkflow' as const, workflowType: SWEEP, taskQueue: WORKFLOW_QUEUE, args: [order] },
  };
  try {
    await client.schedule.create({ scheduleId, ...schedule });
  } catch (error) {
    if (!(error instanceof ScheduleAlreadyRunning)) throw error;
    const handle = client.schedule.getHandle(scheduleId);
    const { action, spec } = await handle.describe();
    const same = spec.intervals?.length === 1 && spec.intervals[0]?.every === leases.sweepSeconds * 1000;
    if (same && JSON.stringify(action.args) === JSON.stringify([order])) return;
    await handle.update((before) => ({ ...before, ...schedule, action: { ...schedule.action, args: [order] } }));
  }
}

const isDeadline = (error: unknown): boolean =>
  isGrpcDeadlineError(error) || (error instanceof Error && isGrpcDeadlineError(error.cause));

async function endSweep(client: Session['client'], scheduleId: string): Promise<void> {
  try {
    await client.schedule.getHandle(scheduleId).delete();
  } catch (error) {
    if (!(error instanceof ScheduleNotFoundError)) throw error;
  }
}
