import { createHash } from 'node:crypto';
import path from 'node:path';
import { folderName as readableName } from '../domain/folder-name.ts';
import type { RunKey } from '../domain/ids.ts';

/** A folder name for any id: readable, and different for different ids. */
export function folderName(id: string): string {
  return readableName(id, createHash('sha256').update(id).digest('hex'));
}

/** Folder of one run: worktrees, agent jobs, command logs. */
export function runFolder(home: string, key: RunKey): string {
  return path.join(home, 'runs', folderName(`${key.workflowId}:${key.firstRunId}`));
}

/** Folder of the clones that people got when they took a run over, one folder a question. Only they and the end of a completed run remove any. */
export function takeoverFolder(home: string, key: RunKey): string {
  return path.join(home, 'taken-over', folderName(`${key.workflowId}:${key.firstRunId}`));
}

/** Folder of a session's record, logs and own HOME. It outlives the run's worktrees; the HOME does not. */
export function jobFolder(home: string, key: RunKey, session: string): string {
  return path.join(runFolder(home, key), 'jobs', session);
}

/** Folder of a run inside the artifact store. Short: it is part of every reference in history. */
export function artifactFolder({ workflowId, firstRunId }: RunKey): string {
  return readableName(workflowId, createHash('sha256').update(`${workflowId}:${firstRunId}`).digest('hex'));
}
