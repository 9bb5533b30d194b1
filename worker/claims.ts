import { randomUUID } from 'node:crypto';
import { mkdir, readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { ApplicationFailure } from '@temporalio/common';
import type { Client } from '@temporalio/client';
import { startTimeOf } from '../activities/process/identity.ts';
import { readJson, writeJson } from '../activities/process/json-file.ts';
import type { Binding } from '../activities/bind.ts';

interface Claim {
  readonly pid: number;
  readonly startTime: string | undefined;
  readonly workflowId: string;
  readonly runId: string;
  readonly activityId: string;
}

const folderOf = (home: string): string => path.join(home, 'claims');

/** Notes on disk which activities this process works on. */
export async function claims(home: string): Promise<Binding['claim']> {
  const folder = folderOf(home);
  const startTime = await startTimeOf(process.pid);
  await mkdir(folder, { recursive: true });
  return async (activity) => {
    const file = path.join(folder, `${randomUUID()}.json`);
    // In one step: a claim that is half written when the process dies tells nobody of the activity.
    await writeJson(file, { pid: process.pid, startTime, ...activity });
    return () => rm(file, { force: true });
  };
}

/** Asks the server whether an activity is still to be done. */
export function wanted(client: Client): Binding['wanted'] {
  return async ({ workflowId, runId, activityId }) => {
    const { status, raw } = await client.workflow.getHandle(workflowId, runId).describe();
    return status.name === 'RUNNING' && (raw.pendingActivities ?? []).some((one) => one.activityId === activityId);
  };
}

/** Fails, by id, the activities of workers that are dead on this host: the server then retries them at once instead of after the heartbeat time-out. */
export async function recover(client: Client, home: string): Promise<number> {
  const folder = folderOf(home);
  let recovered = 0;
  for (const name of (await readdir(folder).catch(() => [])).filter((one) => one.endsWith('.json'))) {
    const file = path.join(folder, name);
    const claim = await readJson<Claim>(file);
    if (claim === undefined || (await startTimeOf(claim.pid)) === claim.startTime) continue;
    const { workflowId, runId, activityId } = claim;
    const failure = ApplicationFailure.create({ type: 'WorkerDied', message: `worker process ${claim.pid} died` });
    await client.activity.fail({ workflowId, runId, activityId }, failure).then(
      () => (recovered += 1),
      () => undefined,
    );
    await rm(file, { force: true });
  }
  return recovered;
}
