import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Commits } from '../domain/ids.ts';
import type { RunRepository } from '../domain/run.ts';
import { mirrorWith } from './commits.ts';
import type { CommitStore } from './commits.ts';
import { addWorktree } from './git/worktree.ts';
import type { Io } from './io.ts';
import type { Ports } from './ports.ts';
import { reconsiderSetUp } from './setup.ts';

export interface WorkspaceOrder {
  /** Made if absent; holds one worktree per repository, named by its key. */
  readonly folder: string;
  readonly repositories: readonly RunRepository[];
  readonly commits: Commits;
  readonly store: CommitStore;
  /** Whoever works there, where it is not always the same. */
  readonly for?: string;
}

type Directories = Readonly<Record<string, string>>;

/** Fresh worktrees of exactly these commits. Gives each repository's folder. */
export async function openWorkspace(ports: Ports, order: WorkspaceOrder, io: Io): Promise<Directories> {
  await mkdir(order.folder, { recursive: true });
  await rm(markerOf(order), { force: true });
  const entries = await Promise.all(
    order.repositories.map(async (repository) => {
      const { key, baseCommit } = repository;
      const directory = path.join(order.folder, key);
      const commit = order.commits[key] ?? baseCommit;
      const mirror = await mirrorWith(ports, { store: order.store, repository, commit }, io);
      const how = await addWorktree(ports.git, { mirror, directory, commit }, io);
      await reconsiderSetUp(directory, how === 'made' ? undefined : commit);
      return [key, directory] as const;
    }),
  );
  await writeFile(markerOf(order), order.for ?? '');
  return Object.fromEntries(entries);
}

/** Like `openWorkspace`, but keeps what is there when it was opened for the same before: a session that was cut off has left its work. */
export async function keepWorkspace(ports: Ports, order: WorkspaceOrder, io: Io): Promise<Directories> {
  const opened = await readFile(markerOf(order), 'utf8').catch(() => undefined);
  if (opened === (order.for ?? ''))
    return Object.fromEntries(order.repositories.map(({ key }) => [key, path.join(order.folder, key)]));
  return openWorkspace(ports, order, io);
}

const markerOf = ({ folder }: WorkspaceOrder): string => `${folder}.ready`;
