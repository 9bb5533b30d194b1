import { readdir, rm, rmdir } from 'node:fs/promises';
import path from 'node:path';
import { branchOf, stateRefsOf } from '../domain/ids.ts';
import type { Commits } from '../domain/ids.ts';
import type { Outcome } from '../domain/outcome.ts';
import type { Run, RunRepository } from '../domain/run.ts';
import { elsewhereCommands } from '../domain/takeover.ts';
import type { LentWorktree } from '../domain/takeover.ts';
import { oneLine } from '../domain/text.ts';
import { keepCommit, mirrorWith } from './commits.ts';
import type { CommitStore } from './commits.ts';
import { takeoverFolder } from './folders.ts';
import { heads, isAncestor, openClone, uncommitted } from './git/clone.ts';
import { publicUrl } from './git/errors.ts';
import { mirrorFolder } from './git/host.ts';
import type { Io } from './io.ts';
import type { Ports } from './ports.ts';

export interface HandOverInput extends CommitStore {
  readonly repositories: readonly RunRepository[];
  /** Where the branches are to begin. */
  readonly commits: Commits;
  /** The question that was answered by taking over: each has folders of its own. */
  readonly question: string;
  /** Who takes over. */
  readonly by?: string;
}

/** Makes a clone of each repository for a person to work in. Called again, it leaves alone what is there. */
export async function handOver(ports: Ports, input: HandOverInput, io: Io): Promise<Outcome> {
  const worktrees: LentWorktree[] = [];
  for (const repository of input.repositories) {
    io.progress(`handing over ${repository.key}`);
    worktrees.push(await lend(ports, { input, repository }, io));
  }
  const by = input.by === undefined ? {} : { by: oneLine(input.by, 100) };
  return { kind: 'handed_over', takeover: { ...by, host: ports.host(), worktrees } };
}

async function lend(
  ports: Ports,
  { input, repository }: { readonly input: HandOverInput; readonly repository: RunRepository },
  io: Io,
): Promise<LentWorktree> {
  const { key: run, workId, remotes, question } = input;
  const { key, url, baseCommit } = repository;
  const commit = input.commits[key] ?? baseCommit;
  const mirror = await mirrorWith(ports, { store: input, repository, commit }, io);
  const step = `handed-over-${question}`;
  await keepCommit(ports, { store: input, repository, step, sha: commit }, io);
  const directory = path.join(takeoverFolder(ports.home, run), question, key);
  const branch = branchOf(workId);
  await openClone(ports.git, { mirror, directory, url, branch, commit }, io);
  const state = remotes.state && { url: publicUrl(remotes.state), ref: `${stateRefsOf(input, key)}/${step}` };
  const order = { repository: key, url: publicUrl(url), branch, commit, baseCommit, ...(state && { state }) };
  return { repository: key, directory, branch, commit, elsewhere: elsewhereCommands(order) };
}

/** After a run that completed: removes the clones of this host that hold nothing but what is published. */
export async function removePublished(ports: Ports, run: Run, io: Io): Promise<void> {
  const root = takeoverFolder(ports.home, run.key);
  for (const question of await readdir(root).catch(() => [])) {
    const folder = path.join(root, question);
    for (const repository of run.repositories) {
      const directory = path.join(folder, repository.key);
      if (await onlyPublished(ports, { run, repository, directory }, io).catch(() => false))
        await rm(directory, { recursive: true, force: true });
    }
    await rmdir(folder).catch(() => undefined);
  }
  await rmdir(root).catch(() => undefined);
}

/** Throws where there is no clone. */
async function onlyPublished(
  ports: Ports,
  { run, repository, directory }: { readonly run: Run; readonly repository: RunRepository; readonly directory: string },
  io: Io,
): Promise<boolean> {
  const { key, url, baseCommit } = repository;
  if ((await uncommitted(ports.git, directory, io)).length > 0) return false;
  const commit = run.pullRequests.find((pr) => pr.repository === key)?.headSha ?? baseCommit;
  const mirror = mirrorFolder(ports.git, url);
  for (const ancestor of await heads(ports.git, directory, io))
    if (!(await isAncestor(ports.git, { mirror, ancestor, commit }, io))) return false;
  return true;
}
