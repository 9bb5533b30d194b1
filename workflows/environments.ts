import {
  ActivityFailure,
  CancellationScope,
  ChildWorkflowCancellationType,
  ParentClosePolicy,
  condition,
  getExternalWorkflowHandle,
  isCancellation,
  startChild,
  uuid4,
} from '@temporalio/workflow';
import { PEOPLE, leaseIdOf } from '../domain/lease.ts';
import type { LeaseOrder, LeaseUse } from '../domain/lease.ts';
import { poolOrderOf } from '../domain/pool.ts';
import type { Project } from '../domain/project.ts';
import type { Run } from '../domain/run.ts';
import { brief } from './activities.ts';
import { LEASE, extendLease, releaseLease } from './contract.ts';
import type { lease as leaseWorkflow } from './lease.ts';

/** An environment that the run may use until it releases it. */
export interface Holding {
  readonly name: string;
  /** Absent where nothing is brought up. */
  readonly lease?: LeaseUse;
}

/** The environments of one run. Each has another name, and is held by a lease of its own that outlives the run. */
export interface Environments {
  /** The lease that an environment of this run is under. */
  leaseOf(name: string): Pick<Holding, 'lease'>;
  /** A new one, or one that is kept warm. */
  hold(run: Run): Promise<Holding>;
  /** Keeps it for so many seconds more, while the run does nothing with it. */
  stay(name: string, seconds: number): Promise<void>;
  /** Hands it to people for so many seconds. Nothing happens to one that is gone. */
  keep(name: string, seconds: number): Promise<void>;
  /** Gives it up; the lease goes on until it is erased. */
  release(name: string): Promise<void>;
  /** Resolves when what was given up is gone, or after a minute. */
  settled(): Promise<void>;
}

/** Environments of the project, as one run uses them. */
export function environmentsOf(all: Project, owner: string): Environments {
  const { key: project, environment, leases } = all;
  const open = new Set<string>();
  const leaseOf = (name: string): Pick<Holding, 'lease'> =>
    environment.kind === 'none' ? {} : { lease: { id: leaseIdOf(project, name), seconds: leases.seconds } };
  return {
    leaseOf,
    async hold(run) {
      if (environment.kind === 'none') return { name: nameOf(run) };
      const warm = leases.minReady > 0 ? await takeWarm(run, all) : null;
      const name = warm ?? nameOf(run);
      const holding = { name, ...leaseOf(name) };
      if (warm !== null) return holding;
      const order: LeaseOrder = { project, environment, name, owner, seconds: leases.seconds };
      const child = await startChild<typeof leaseWorkflow>(LEASE, {
        workflowId: leaseIdOf(project, name),
        parentClosePolicy: ParentClosePolicy.ABANDON,
        cancellationType: ChildWorkflowCancellationType.ABANDON,
        staticSummary: name,
        args: [order],
      });
      open.add(name);
      void child
        .result()
        .catch(() => undefined)
        .finally(() => open.delete(name));
      return holding;
    },
    stay: (name, seconds) => tell(all, name, (handle) => handle.signal(extendLease, { seconds })),
    keep: (name, seconds) => tell(all, name, (handle) => handle.signal(extendLease, { owner: PEOPLE, seconds })),
    release: (name) => tell(all, name, (handle) => handle.signal(releaseLease, owner)),
    async settled() {
      if (open.size > 0) await condition(() => open.size === 0, '1 minute');
    },
  };
}

type Handle = ReturnType<typeof getExternalWorkflowHandle>;

// A lease that has ended needs no telling.
async function tell(
  { key, environment }: Project,
  name: string,
  what: (handle: Handle) => Promise<void>,
): Promise<void> {
  if (environment.kind === 'none') return;
  await CancellationScope.nonCancellable(async () => {
    try {
      await what(getExternalWorkflowHandle(leaseIdOf(key, name)));
    } catch (error) {
      if (isCancellation(error)) throw error;
    }
  });
}

/** Another name for each environment: one that was taken for sick, or is still being erased, is never met again. */
function nameOf({ workId, key, attempts }: Run): string {
  return `${workId}-${key.firstRunId.slice(0, 8)}-${attempts.length}-${uuid4().slice(0, 4)}`;
}

/** What the pool has ready, or nothing; a pool that cannot be asked holds nothing up. */
async function takeWarm(run: Run, project: Project): Promise<string | null> {
  const number = run.attempts.length;
  const key = `${run.key.workflowId}:${run.key.firstRunId}:${number}:${uuid4().slice(0, 8)}`;
  try {
    const asked = { order: poolOrderOf(project), take: { key, owner: run.key.workflowId } };
    return await brief.warm.executeWithOptions({ activityId: `warm:${key}`, summary: `attempt ${number}` }, [asked]);
  } catch (error) {
    if (!(error instanceof ActivityFailure) || isCancellation(error)) throw error;
    return null;
  }
}
