import { readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { describe } from '../domain/describe.ts';
import type { Remotes } from '../domain/project.ts';
import type { Run } from '../domain/run.ts';
import { artifactFolder, runFolder } from './folders.ts';
import { removePublished } from './hand-over.ts';
import { mirrorFolder } from './git/host.ts';
import { pruneWorktrees } from './git/worktree.ts';
import type { Io } from './io.ts';
import type { Ports } from './ports.ts';
import { readRecord } from './process/job.ts';
import { stopMarked } from './process/marked.ts';
import { withoutSecrets } from './redact.ts';
import { forgetSnapshots } from './snapshots.ts';

const GRACE_MS = 5000;

export interface ArchiveInput {
  readonly run: Run;
  /** Runs that were begun before snapshots existed name none. */
  readonly remotes?: Remotes;
}

/**
 * Writes down how the run went, ends sessions that a lost worker left behind and removes the worktrees and the sessions' HOMEs.
 * Transcripts stay, and so do the snapshots of a run that did not complete: nothing else holds its unfinished work.
 */
export async function archive(ports: Ports, { run, remotes }: ArchiveInput, io: Io): Promise<void> {
  const told = withoutSecrets(run, ports.redact);
  const folder = artifactFolder(run.key);
  await ports.artifacts.put(folder, 'run.json', `${JSON.stringify(told, null, 2)}\n`);
  await ports.artifacts.put(folder, 'run.md', `${describe(told)}\n`);
  const root = runFolder(ports.home, run.key);
  await endJobs(path.join(root, 'jobs'));
  await removeHomes(path.join(root, 'jobs'), io);
  const left = (await readdir(root).catch(() => [])).filter((name) => name !== 'jobs');
  await Promise.all(left.map((name) => rm(path.join(root, name), { recursive: true, force: true })));
  for (const { url } of run.repositories) await pruneWorktrees(ports.git, mirrorFolder(ports.git, url), io);
  const completed = run.ending === 'completed' || run.ending === 'completed_draft';
  if (completed) await removePublished(ports, run, io);
  if (completed && remotes !== undefined)
    await forgetSnapshots(ports, { store: { ...run, remotes }, repositories: run.repositories }, io);
}

/** The HOMEs of sessions hold caches, and copies of logins where a session did not end by itself. */
async function removeHomes(jobs: string, { progress }: Io): Promise<void> {
  for (const session of await readdir(jobs).catch(() => []))
    await rm(path.join(jobs, session, 'home'), { recursive: true, force: true }).catch((error: unknown) =>
      progress(`the HOME of ${session} stays: ${error instanceof Error ? error.message : String(error)}`),
    );
}

async function endJobs(jobs: string): Promise<void> {
  const records = await readdir(jobs, { recursive: true }).catch(() => []);
  for (const name of records.filter((one) => path.basename(one) === 'job.json')) {
    const record = await readRecord(path.dirname(path.join(jobs, name)));
    if (record !== undefined) await stopMarked(record.marker, GRACE_MS);
  }
}
