import type { OpenActivity } from './activity.ts';
import type { Run } from '../domain/run.ts';
import { DELIVER } from '../workflows/contract.ts';
import { Absent } from './http-api.ts';
import type { Ask } from './http-api.ts';

interface Payloads {
  readonly payloads?: readonly { readonly data: string }[];
}

interface Listed {
  readonly execution: { readonly workflowId: string };
  readonly startTime: string;
}

interface Described {
  readonly workflowExecutionInfo: { readonly status: string };
  readonly pendingActivities?: readonly Pending[];
}

interface Pending {
  readonly activityType: { readonly name: string };
  readonly attempt?: number;
  readonly heartbeatDetails?: Payloads;
  readonly lastFailure?: { readonly message?: string; readonly applicationFailureInfo?: { readonly type?: string } };
}

interface Closed {
  readonly workflowExecutionCompletedEventAttributes?: { readonly result?: Payloads };
}

const at = (workflowId: string): string => `/${encodeURIComponent(workflowId)}`;

/** The workflow id of the newest run of a work id. Throws Absent. */
export async function newestRun(ask: Ask, workId: string): Promise<string> {
  const query = `WorkflowType = "${DELIVER}" AND SpecWorkId = "${workId.replaceAll('"', '')}"`;
  const { executions = [] } = await ask<{ executions?: readonly Listed[] }>(`?query=${encodeURIComponent(query)}`);
  const newest = executions.toSorted((a, b) => b.startTime.localeCompare(a.startTime))[0];
  if (newest === undefined) throw new Absent(workId);
  return newest.execution.workflowId;
}

/** Whether a workflow runs, and the activities that it has open. Throws Absent. */
export async function describeRun(
  ask: Ask,
  workflowId: string,
): Promise<{ readonly live: boolean; readonly open: readonly OpenActivity[] }> {
  const { workflowExecutionInfo, pendingActivities = [] } = await ask<Described>(at(workflowId));
  const live = workflowExecutionInfo.status === 'WORKFLOW_EXECUTION_STATUS_RUNNING';
  const open = pendingActivities.map(({ activityType, attempt = 1, heartbeatDetails, lastFailure }) => ({
    type: activityType.name,
    attempt,
    beat: bytes(heartbeatDetails),
    failure: lastFailure?.applicationFailureInfo?.type,
    trouble: lastFailure?.message,
  }));
  return { live, open };
}

/** What a run that has ended left as its result, if it left one. */
export async function resultOf(ask: Ask, workflowId: string): Promise<Run | undefined> {
  const { history } = await ask<{ history: { readonly events?: readonly Closed[] } }>(
    `${at(workflowId)}/history?historyEventFilterType=HISTORY_EVENT_FILTER_TYPE_CLOSE_EVENT`,
  );
  const left = bytes(history.events?.at(-1)?.workflowExecutionCompletedEventAttributes?.result);
  return left === undefined ? undefined : JSON.parse(left.toString('utf8'));
}

/** The answer of a query without arguments, as JSON. Throws Absent, or an error when no worker gives one soon. */
export async function queryRun(ask: Ask, workflowId: string, { name }: { readonly name: string }): Promise<string> {
  const { queryResult } = await ask<{ queryResult: Payloads }>(`${at(workflowId)}/query/${name}`, 'POST');
  return bytes(queryResult)?.toString('utf8') ?? '';
}

function bytes(given: Payloads | undefined): Buffer | undefined {
  const data = given?.payloads?.[0]?.data;
  return data === undefined ? undefined : Buffer.from(data, 'base64');
}
