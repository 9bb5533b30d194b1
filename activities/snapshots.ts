import { access, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { handOverNote } from '../domain/hand-over.ts';
import type { TakenOver } from '../domain/hand-over.ts';
import { stepRefsOf } from '../domain/ids.ts';
import type { Commits } from '../domain/ids.ts';
import { DEFAULT_LIMITS } from '../domain/project.ts';
import type { Limits } from '../domain/project.ts';
import type { RunRepository } from '../domain/run.ts';
import { oneLine } from '../domain/text.ts';
import { fetchKept, forgetKept, keepCommit } from './commits.ts';
import type { CommitStore } from './commits.ts';
import { diffStat } from './git/diff.ts';
import { mirrorFolder, mustGit } from './git/host.ts';
import { commitSnapshot, restoreSnapshot, snapshotTree } from './git/snapshot.ts';
import { Interruption } from './io.ts';
import type { Io } from './io.ts';
import type { Ports } from './ports.ts';

/** A session whose unfinished work is saved. */
export interface SavedSession {
  /** Name of the step: its snapshots are `snapshots/<name>` below the run's hidden refs. */
  readonly name: string;
  readonly store: CommitStore;
  readonly repositories: readonly RunRepository[];
  /** What the worktrees started from. */
  readonly start: Commits;
  readonly directories: Readonly<Record<string, string>>;
  /** The folder that holds the worktrees. */
  readonly folder: string;
  readonly jobDirectory: string;
  readonly limits: Pick<Limits, 'snapshotSeconds'>;
}

const BELOW = 'snapshots/';
const MAX_FILE_BYTES = 25 * 1024 * 1024;
const LAST_MS = 60_000;

/**
 * Does the work of a session and saves its dirty trees every so often, and once more when it fails or is interrupted. A reset
 * discards the session: its record and worktrees start anew, its work stays on `<ref>.discarded`. A snapshot that fails is told
 * and changes nothing.
 */
export async function withSnapshots<T>(
  ports: Ports,
  { session, work }: { readonly session: SavedSession; readonly work: () => Promise<T> },
  io: Io,
): Promise<T> {
  const over = new AbortController();
  const timed = repeatedly(ports, session, { ...io, signal: AbortSignal.any([io.signal, over.signal]) });
  try {
    return await work();
  } catch (error) {
    over.abort();
    await timed;
    const last = { ...io, signal: AbortSignal.timeout(LAST_MS) };
    await snapshotAll(ports, session, last);
    if (io.signal.reason instanceof Interruption && io.signal.reason.mode === 'reset')
      await discard(ports, session, last);
    throw error;
  } finally {
    over.abort();
    await timed;
  }
}

async function repeatedly(ports: Ports, session: SavedSession, io: Io): Promise<void> {
  // Runs that were begun before the limit existed have none.
  const seconds = Math.max(0.1, session.limits.snapshotSeconds ?? DEFAULT_LIMITS.snapshotSeconds);
  while (!io.signal.aborted) {
    await wait(seconds * 1000, undefined, { signal: io.signal, ref: false }).catch(() => undefined);
    if (!io.signal.aborted) await snapshotAll(ports, session, io);
  }
}

/** Saves every dirty worktree of a session now. Gives the commits that are new. */
export async function snapshotAll(ports: Ports, session: SavedSession, io: Io): Promise<Commits> {
  const made: Record<string, string> = {};
  for (const repository of session.repositories)
    try {
      const sha = await snapshotOne(ports, { session, repository }, io);
      if (sha !== undefined) made[repository.key] = sha;
    } catch (error) {
      if (io.signal.aborted) return made;
      io.progress(
        oneLine(`no snapshot of ${repository.key}: ${error instanceof Error ? error.message : String(error)}`),
      );
    }
  return made;
}

interface Place {
  readonly session: SavedSession;
  readonly repository: RunRepository;
}

async function snapshotOne(ports: Ports, { session, repository }: Place, io: Io): Promise<string | undefined> {
  const { name, store, start, directories, folder } = session;
  const { key, url, baseCommit } = repository;
  const mirror = mirrorFolder(ports.git, url);
  const parent = start[key] ?? baseCommit;
  const place = { mirror, directory: directories[key] ?? path.join(folder, key), parent };
  const order = { ...place, folder: `${folder}.snapshots/${key}`, maxFileBytes: MAX_FILE_BYTES };
  const { tree, leftOut } = await snapshotTree(ports.git, order, io);
  const before = (await latest(ports, { session, repository }, io)) ?? parent;
  if (tree === (await mustGit(ports.git, { cwd: mirror, arguments: ['rev-parse', `${before}^{tree}`] }, io)))
    return undefined;
  const lacks = leftOut.map((file) => `Left out, too large or foreign: ${JSON.stringify(file)}`).slice(0, 50);
  const message = [`${store.workId}: unfinished work of ${name}`, ...(lacks.length === 0 ? [] : ['', ...lacks])].join(
    '\n',
  );
  const sha = await commitSnapshot(ports.git, { mirror, parent, tree, message }, io);
  await keepCommit(ports, { store, repository, step: `${BELOW}${name}`, sha }, io);
  return sha;
}

/** The newest snapshot of a session that this host's mirror knows. */
async function latest(ports: Ports, { session, repository }: Place, io: Io): Promise<string | undefined> {
  const ref = `${stepRefsOf(session.store)}/${BELOW}${session.name}`;
  const cwd = mirrorFolder(ports.git, repository.url);
  const found = await mustGit(ports.git, { cwd, arguments: ['for-each-ref', '--format=%(objectname)', ref] }, io);
  return found.split('\n')[0] || undefined;
}

/**
 * Where another host began this session and this one has no record of it: puts the work of its last snapshot into the fresh
 * worktrees. Gives the note that the prompt is to carry, the same at every call; empty when the session begins from nothing.
 */
export async function takeOver(ports: Ports, session: SavedSession, io: Io): Promise<string> {
  const file = `${session.folder}.hand-over`;
  const told = await readFile(file, 'utf8').catch(() => undefined);
  if (told !== undefined) return told;
  const note = (await exists(session.jobDirectory)) ? '' : handOverNote(await restored(ports, session, io));
  await writeFile(file, note);
  return note;
}

async function restored(ports: Ports, session: SavedSession, io: Io): Promise<readonly TakenOver[]> {
  const taken: TakenOver[] = [];
  for (const repository of session.repositories) {
    const { key, url, baseCommit } = repository;
    await fetchKept(ports, { store: session.store, repository }, io);
    const sha = await latest(ports, { session, repository }, io);
    if (sha === undefined) continue;
    await restoreSnapshot(ports.git, { directory: session.directories[key] ?? '', sha }, io);
    const range = { mirror: mirrorFolder(ports.git, url), from: session.start[key] ?? baseCommit, to: sha };
    taken.push({ repository: key, sha, diff: await diffStat(ports.git, range, io) });
  }
  return taken;
}

/** Forgets a run's snapshots here and in the state remote. */
export async function forgetSnapshots(
  ports: Ports,
  { store, repositories }: Pick<SavedSession, 'store' | 'repositories'>,
  io: Io,
): Promise<void> {
  for (const repository of repositories)
    if (await exists(mirrorFolder(ports.git, repository.url)))
      await forgetKept(ports, { store, repository, below: BELOW }, io);
}

async function discard(ports: Ports, session: SavedSession, io: Io): Promise<void> {
  const { name, store, folder, jobDirectory, directories } = session;
  for (const repository of session.repositories) {
    const sha = await latest(ports, { session, repository }, io);
    if (sha === undefined) continue;
    await keepCommit(ports, { store, repository, step: `${BELOW}${name}.discarded`, sha }, io);
    await forgetKept(ports, { store, repository, below: `${BELOW}${name}` }, io);
  }
  await rename(jobDirectory, `${jobDirectory}.discarded-${Date.now()}`).catch(() => undefined);
  const marks = [
    `${folder}.ready`,
    `${folder}.hand-over`,
    ...Object.values(directories).map((one) => `${one}.prepared`),
  ];
  await Promise.all([...marks, `${folder}.snapshots`].map((file) => rm(file, { recursive: true, force: true })));
}

function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}
