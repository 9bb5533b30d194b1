import { existsSync } from 'node:fs';
import { hostname } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Client } from '@temporalio/client';
import { Worker, bundleWorkflowCode } from '@temporalio/worker';
import type { NativeConnection, WorkflowBundleOption } from '@temporalio/worker';
import { createActivities, createHostActivities } from '../activities/create.ts';
import type { Binding } from '../activities/bind.ts';
import type { Ports } from '../activities/ports.ts';
import { ACTIVITY_QUEUE, WORKFLOW_QUEUE, hostQueue } from '../workflows/contract.ts';

/** The prebuilt bundle of the published package, else one made now from the sources. */
export async function workflowBundle(): Promise<WorkflowBundleOption> {
  const workflows = fileURLToPath(new URL('../workflows/', import.meta.url));
  const codePath = path.join(workflows, 'bundle.js');
  if (existsSync(codePath)) return { codePath };
  return bundleWorkflowCode({ workflowsPath: path.join(workflows, 'index.ts'), logger: quiet });
}

const nothing = (): void => undefined;
const quiet = { log: nothing, trace: nothing, debug: nothing, info: nothing, warn: nothing, error: nothing };

export interface WorkerOrder {
  readonly native: NativeConnection;
  readonly client: Client;
  readonly namespace: string;
  readonly ports: Ports;
  readonly binding: Binding;
  readonly bundle: WorkflowBundleOption;
}

/** One worker for workflows, one for activities and one for what only this host can do, on queues of their own, in this process. */
export async function createWorkers({
  native,
  namespace,
  ports,
  binding,
  bundle,
}: WorkerOrder): Promise<readonly Worker[]> {
  const common = {
    connection: native,
    namespace,
    identity: `${process.pid}@${hostname()}`,
    shutdownGraceTime: '5s',
    shutdownForceTime: '60s',
  } as const;
  const workflows = await Worker.create({
    ...common,
    taskQueue: WORKFLOW_QUEUE,
    workflowBundle: bundle,
    maxCachedWorkflows: 500,
    stickyQueueScheduleToStartTimeout: '1s',
    workflowTaskPollerBehavior: { type: 'simple-maximum', maximum: 5 },
  });
  // Whoever looks at a pending activity learns its host.
  const identity = `${process.pid}@${ports.host()}`;
  const activities = await Worker.create({
    ...common,
    identity,
    taskQueue: ACTIVITY_QUEUE,
    activities: createActivities(ports, binding),
    maxConcurrentActivityTaskExecutions: 20,
    maxHeartbeatThrottleInterval: '10s',
    activityTaskPollerBehavior: { type: 'simple-maximum', maximum: 5 },
  });
  const onHost = await Worker.create({
    ...common,
    identity,
    taskQueue: hostQueue(ports.host()),
    // Who waits for something new is told at once that nobody waits here any more.
    shutdownGraceTime: '100ms',
    maxHeartbeatThrottleInterval: '10s',
    activities: createHostActivities(ports, binding),
    maxConcurrentActivityTaskExecutions: 20,
    activityTaskPollerBehavior: { type: 'simple-maximum', maximum: 2 },
  });
  return [workflows, activities, onHost];
}
