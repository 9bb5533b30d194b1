import { randomUUID } from 'node:crypto';
import {
  WorkflowExecutionAlreadyStartedError,
  WorkflowFailedError,
  WorkflowIdReusePolicy,
  WorkflowNotFoundError,
  WorkflowUpdateFailedError,
  WorkflowUpdateRPCTimeoutOrCancelledError,
} from '@temporalio/client';
import { TypedSearchAttributes } from '@temporalio/common';
import { optionalTsToDate } from '@temporalio/common/lib/time.js';
import type { Answer } from '../domain/answer.ts';
import { budgetIdOf, workflowIdOf } from '../domain/ids.ts';
import type { Run } from '../domain/run.ts';
import {
  DELIVER,
  WORKFLOW_QUEUE,
  account as accountQuery,
  answer as answerUpdate,
  state,
} from '../workflows/contract.ts';
import type { DeliverInput } from '../workflows/contract.ts';
import { SpecProject, SpecWorkId } from '../workflows/contract-attributes.ts';
import { activityLines } from './activity.ts';
import type { Session } from './connect.ts';
import { NoAnswer, UsageError } from './errors.ts';
import { budgetLines } from './view.ts';

/** Starts the run of a work item, or attaches to the one that is live. A finished one is refused unless `newRun`. */
export async function startRun(
  { client }: Session,
  input: DeliverInput,
  options: { newRun: boolean; title: string },
): Promise<'started' | 'attached'> {
  const workflowId = workflowIdOf(input.project.key, input.workId);
  const live = await describeRun(client, workflowId);
  if (live?.status.name === 'RUNNING') return 'attached';
  try {
    await client.workflow.start(DELIVER, {
      workflowId,
      taskQueue: WORKFLOW_QUEUE,
      args: [input],
      workflowIdConflictPolicy: 'USE_EXISTING',
      workflowIdReusePolicy: options.newRun
        ? WorkflowIdReusePolicy.ALLOW_DUPLICATE
        : WorkflowIdReusePolicy.ALLOW_DUPLICATE_FAILED_ONLY,
      typedSearchAttributes: new TypedSearchAttributes([
        { key: SpecProject, value: input.project.key },
        { key: SpecWorkId, value: input.workId },
      ]),
      staticSummary: options.title.slice(0, 180),
    });
    return 'started';
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    throw new UsageError(
      `${input.workId} is finished already: see \`spec-to-pr status ${input.workId}\`, or start anew with --new-run`,
    );
  }
}

async function describeRun(client: Session['client'], workflowId: string) {
  try {
    return await client.workflow.getHandle(workflowId).describe();
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return undefined;
    throw error;
  }
}

export interface FoundRun {
  readonly workflowId: string;
  readonly live: boolean;
}

/** The run of a work id. Without a project the newest of that work id is taken, in whichever project it is. */
export async function resolveRun({ client }: Session, workId: string, project?: string): Promise<FoundRun> {
  if (workId.includes('/')) return described(client, workId);
  const found: (FoundRun & { at: number })[] = [];
  const about = project === undefined ? '' : ` AND SpecProject = "${project}"`;
  for await (const { workflowId, startTime, status } of client.workflow.list({
    query: `WorkflowType = "${DELIVER}" AND SpecWorkId = "${workId.replaceAll('"', '')}"${about}`,
  }))
    found.push({ workflowId, live: status.name === 'RUNNING', at: startTime.getTime() });
  const newest = found.toSorted((a, b) => b.at - a.at)[0];
  if (newest !== undefined) return newest;
  if (project !== undefined) return described(client, workflowIdOf(project, workId));
  throw new UsageError(`there is no run of ${workId}: \`spec-to-pr list\` shows all`);
}

async function described(client: Session['client'], workflowId: string): Promise<FoundRun> {
  const found = await describeRun(client, workflowId);
  if (found === undefined) throw new UsageError(`there is no run ${workflowId}: \`spec-to-pr list\` shows all`);
  return { workflowId, live: found.status.name === 'RUNNING' };
}

/** What a run that has ended left as its result: the run without its logs. Nothing when it was cancelled or failed. Needs no worker. */
export async function readResult({ client }: Session, workflowId: string): Promise<Run | undefined> {
  const handle = client.workflow.getHandle<(input: DeliverInput) => Promise<Run>>(workflowId);
  return handle.result().catch(() => undefined);
}

/** The run as it stands. Needs a worker to answer, else throws NoAnswer; a run that is closed answers too. */
export async function readRun({ client }: Session, workflowId: string): Promise<Run> {
  const handle = client.workflow.getHandle(workflowId);
  try {
    return await client.withDeadline(Date.now() + 15_000, () => handle.query(state));
  } catch (error) {
    if (error instanceof WorkflowNotFoundError)
      throw new UsageError(`there is no run ${workflowId}: \`spec-to-pr list\` shows all`);
    throw new NoAnswer(`the run ${workflowId} does not answer: is a worker up? \`spec-to-pr up\` starts one`);
  }
}

/**
 * Resolves when the run is closed, with its result if it left one. A server that goes away is not an end, nor is `signal`: then
 * it never resolves.
 */
export async function whenClosed(
  { client }: Session,
  workflowId: string,
  signal: AbortSignal,
): Promise<Run | undefined> {
  const handle = client.workflow.getHandle<(input: DeliverInput) => Promise<Run>>(workflowId);
  try {
    return await client.withAbortSignal(signal, () => handle.result());
  } catch (error) {
    if (error instanceof WorkflowFailedError) return undefined;
    return new Promise<never>(() => undefined);
  }
}

/** What the activities at work say about themselves: one line each. */
export async function readActivity({ client }: Session, workflowId: string): Promise<readonly string[]> {
  const { raw } = await client.workflow.getHandle(workflowId).describe();
  return activityLines(
    (raw.pendingActivities ?? []).map(({ heartbeatDetails, activityType, attempt, lastFailure }) => ({
      type: activityType?.name ?? '',
      attempt: attempt ?? 1,
      beat: heartbeatDetails?.payloads?.[0]?.data,
      failure: lastFailure?.applicationFailureInfo?.type,
      trouble: lastFailure?.message,
    })),
  );
}

/** What moves commits is answered when they are there. */
function replyMs({ decision }: Answer): number {
  return decision === 'take_over' || decision === 'resume' ? 10 * 60_000 : 30_000;
}

const SESSIONS = ['implement', 'diagnose'];

/** The host that holds the run's session at work, or last did, and when it last gave a sign of life. */
export async function sessionHost(
  { client }: Session,
  workflowId: string,
): Promise<{ readonly host: string | undefined; readonly lastSeen: Date | undefined }> {
  const { raw } = await client.workflow.getHandle(workflowId).describe();
  const pending = (raw.pendingActivities ?? []).find(({ activityType }) => SESSIONS.includes(activityType?.name ?? ''));
  const { lastWorkerIdentity, lastHeartbeatTime, lastStartedTime } = pending ?? {};
  const host = /^\d+@(.+)$/.exec(lastWorkerIdentity ?? '')?.[1];
  return { host, lastSeen: optionalTsToDate(lastHeartbeatTime ?? lastStartedTime) };
}

/** Answers the open question. Gives the reply; a refusal is a UsageError with its reason. */
export async function answerRun(session: Session, workflowId: string, answer: Answer): Promise<string> {
  const { client } = session;
  // An update that nobody takes would stay with the server, and decide when the person has given up on it.
  await readRun(session, workflowId).catch((error: unknown) => {
    if (!(error instanceof NoAnswer)) throw error;
    throw new NoAnswer(
      `${error.message}, and nothing is decided: answer again then, or leave the answer with the server by \`temporal workflow signal\` as the question says`,
    );
  });
  try {
    const options = { args: [answer] as [Answer], updateId: `answer:${answer.question ?? 'open'}:${randomUUID()}` };
    return await client.withDeadline(Date.now() + replyMs(answer), () =>
      client.workflow.getHandle(workflowId).executeUpdate(answerUpdate, options),
    );
  } catch (error) {
    if (error instanceof WorkflowUpdateFailedError)
      throw new UsageError(`refused: ${error.cause?.message ?? error.message}`);
    if (error instanceof WorkflowNotFoundError)
      throw new UsageError(`the run ${workflowId} has ended: there is nothing to answer`);
    if (error instanceof WorkflowUpdateRPCTimeoutOrCancelledError)
      throw new NoAnswer(
        `nobody has said what became of the answer: see \`spec-to-pr status ${workflowId}\` before you answer again`,
      );
    throw error;
  }
}

/** One line on the budget that the run shares with others of its project; nothing where it has none, or nobody has spent of it. */
export async function readLedger({ client }: Session, run: Run): Promise<readonly string[]> {
  if (run.limits.project === undefined) return [];
  try {
    const account = await client.workflow.getHandle(budgetIdOf(run.project)).query(accountQuery);
    return budgetLines(run, account);
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return [];
    throw error;
  }
}

/** Asks the run to stop and to take back what it has outside. */
export async function cancelRun({ client }: Session, workflowId: string): Promise<void> {
  try {
    await client.workflow.getHandle(workflowId).cancel();
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) throw new UsageError(`the run ${workflowId} has ended already`);
    throw error;
  }
}

export interface RunRow {
  readonly workflowId: string;
  readonly workId: string;
  readonly project: string;
  readonly phase: string;
  readonly status: string;
  readonly attempts: number;
  readonly usd: number;
  readonly needsPerson: boolean;
  readonly startedAt: string;
}

/** All runs that the server knows, newest first. */
export async function listRuns({ client }: Session, limit: number): Promise<readonly RunRow[]> {
  const rows: RunRow[] = [];
  for await (const { workflowId, status, startTime, searchAttributes } of client.workflow.list({
    query: `WorkflowType = "${DELIVER}"`,
  })) {
    const read = (name: string): string | number | boolean | Date | undefined => searchAttributes[name]?.[0];
    rows.push({
      workflowId,
      workId: String(read('SpecWorkId') ?? workflowId),
      project: String(read('SpecProject') ?? ''),
      phase: String(read('SpecPhase') ?? 'ingest'),
      status: status.name.toLowerCase(),
      attempts: Number(read('SpecAttempts') ?? 0),
      usd: Number(read('SpecCostUsd') ?? 0),
      needsPerson: status.name === 'RUNNING' && read('SpecNeedsHuman') === true,
      startedAt: startTime.toISOString(),
    });
  }
  return rows.toSorted((a, b) => b.startedAt.localeCompare(a.startedAt)).slice(0, limit);
}
