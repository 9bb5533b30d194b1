import { randomUUID } from 'node:crypto';
import { WorkflowFailedError } from '@temporalio/client';
import { ActivityFailure, TimeoutFailure } from '@temporalio/common';
import { optionalTsToDate } from '@temporalio/common/lib/time.js';
import proto from '@temporalio/proto';
import type { TranscriptOrder, TranscriptReading } from '../activities/transcripts.ts';
import { READ_TRANSCRIPTS, WORKFLOW_QUEUE, hostQueue } from '../workflows/contract.ts';
import type { readTranscripts } from '../workflows/index.ts';
import type { ReadTranscriptsInput } from '../workflows/transcripts.ts';
import type { Session } from './connect.ts';

// A worker that is up asks for work at least once a minute.
const SILENT_MS = 2 * 60_000;

/** No worker of a host answers. `lastSeen` is when one last did, where the server knows. */
export class HostGone extends Error {
  override readonly name = 'HostGone';
  readonly lastSeen: Date | undefined;
  constructor(host: string, lastSeen: Date | undefined) {
    super(`host ${host} does not answer`);
    this.lastSeen = lastSeen;
  }
}

/** What has another host read in its transcripts, for one reader: one call for a host at a time. It throws HostGone. */
export function hostReader(session: Session): (host: string, order: TranscriptOrder) => Promise<TranscriptReading> {
  const reader = `logs/${randomUUID()}`;
  return (host, order) => readOnHost(session, { workflowId: `${reader}/${host}`, host, order });
}

interface Call extends ReadTranscriptsInput {
  readonly workflowId: string;
}

async function readOnHost(
  { client, namespace }: Server,
  { workflowId, host, order }: Call,
): Promise<TranscriptReading> {
  const lastSeen = await lastPoll({ client, namespace }, host);
  if (lastSeen === undefined || Date.now() - lastSeen.getTime() > SILENT_MS) throw new HostGone(host, lastSeen);
  const handle = await client.workflow.start<typeof readTranscripts>(READ_TRANSCRIPTS, {
    workflowId,
    taskQueue: WORKFLOW_QUEUE,
    workflowExecutionTimeout: '1m',
    args: [{ host, order }],
  });
  try {
    return await handle.result();
  } catch (error) {
    if (error instanceof WorkflowFailedError && timedOut(error)) throw new HostGone(host, lastSeen);
    throw error;
  } finally {
    await forget({ client, namespace }, { workflowId, runId: handle.firstExecutionRunId });
  }
}

function timedOut({ cause }: WorkflowFailedError): boolean {
  return cause instanceof TimeoutFailure || (cause instanceof ActivityFailure && cause.cause instanceof TimeoutFailure);
}

type Server = Pick<Session, 'client' | 'namespace'>;

/** When a worker of the host last asked for work. */
async function lastPoll({ client, namespace }: Server, host: string): Promise<Date | undefined> {
  const { pollers } = await client.workflowService.describeTaskQueue({
    namespace,
    taskQueue: { name: hostQueue(host) },
    taskQueueType: proto.temporal.api.enums.v1.TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY,
  });
  const times = (pollers ?? []).map(({ lastAccessTime }) => optionalTsToDate(lastAccessTime)?.getTime() ?? 0);
  return times.length === 0 ? undefined : new Date(Math.max(...times));
}

/** What was read need not be kept by the server; where deleting is not allowed, its retention does the same. */
async function forget(
  { client, namespace }: Server,
  workflowExecution: { readonly workflowId: string; readonly runId: string },
): Promise<void> {
  await client.workflowService.deleteWorkflowExecution({ namespace, workflowExecution }).catch(() => undefined);
}
