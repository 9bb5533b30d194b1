import { readFile, readdir, realpath, rm } from 'node:fs/promises';
import path from 'node:path';
import type { Io } from '../io.ts';
import { restoreConfig } from './config.ts';
import { RepositoryNotFound } from './errors.ts';
import { git, mirrorsFolder, mustGit } from './host.ts';
import type { GitHost } from './host.ts';
import { withLock } from './lock.ts';

export interface Worktree {
  readonly mirror: string;
  readonly directory: string;
}

/**
 * A clean worktree of exactly this commit, detached. One that is there already is put back to the commit, and ignored files in it
 * stay; says whether it was.
 */
export async function addWorktree(
  host: GitHost,
  order: Worktree & { readonly commit: string },
  io: Io,
): Promise<'made' | 'put back'> {
  const { mirror, directory, commit } = order;
  await restoreConfig(mirror);
  if (await reset(host, order, io)) return 'put back';
  await withLock(
    mirror,
    async () => {
      await forget(host, order, io);
      await mustGit(
        host,
        // Forced: a record may be left of a worktree whose folder is gone, locked or not.
        {
          cwd: mirror,
          arguments: ['worktree', 'add', '-f', '-f', '--quiet', '--no-checkout', '--detach', directory, commit],
        },
        io,
      );
    },
    io.signal,
  );
  await mustGit(host, { cwd: directory, arguments: ['checkout', '--quiet', '--detach', '--force', commit] }, io);
  return 'made';
}

async function reset(
  host: GitHost,
  { mirror, directory, commit }: Worktree & { readonly commit: string },
  io: Io,
): Promise<boolean> {
  if ((await registered(mirror, directory)) === undefined) return false;
  const question = ['rev-parse', '--path-format=absolute', '--git-common-dir', '--show-toplevel'];
  const found = await git(host, { cwd: directory, arguments: question }, io);
  const [owner = '', top = ''] = found.stdout.trim().split('\n');
  if (found.exitCode !== 0 || !(await same(owner, mirror)) || !(await same(top, directory))) return false;
  for (const step of [
    ['checkout', '--quiet', '--detach', '--force', commit],
    ['clean', '-ffdq'],
  ])
    if ((await git(host, { cwd: directory, arguments: step }, io)).exitCode !== 0) return false;
  return true;
}

/** Forgets the worktrees of a mirror whose folders are gone; a mirror that is not on this host has none. */
export async function pruneWorktrees(host: GitHost, mirror: string, io: Io): Promise<void> {
  if (!(await same(mirror, mirror))) return;
  await withLock(mirror, () => git(host, { cwd: mirror, arguments: ['worktree', 'prune'] }, io), io.signal);
}

async function forget(host: GitHost, { mirror, directory }: Worktree, io: Io): Promise<void> {
  if ((await registered(mirror, directory)) === undefined && !(await same(directory, directory))) return;
  await git(host, { cwd: mirror, arguments: ['worktree', 'unlock', directory] }, io);
  await git(host, { cwd: mirror, arguments: ['worktree', 'remove', '-f', '-f', directory] }, io);
  await rm(directory, { recursive: true, force: true });
  await git(host, { cwd: mirror, arguments: ['worktree', 'prune'] }, io);
}

/**
 * The git folder that belongs to one of our worktrees, by the mirrors' own records: what a session has made of the worktree's
 * `.git` is not asked. Throws RepositoryNotFound when the worktree is gone.
 */
export async function gitFolderOf(host: GitHost, directory: string): Promise<{ folder: string; mirror: string }> {
  const mirrors = mirrorsFolder(host);
  for (const name of await readdir(mirrors).catch(() => [])) {
    const mirror = path.join(mirrors, name);
    const folder = await registered(mirror, directory);
    if (folder !== undefined) return { folder, mirror };
  }
  throw new RepositoryNotFound(`the worktree ${directory} is gone: nothing can be committed from it`);
}

/** The mirrors of the worktrees that are this folder or lie directly in it. */
export async function mirrorsOf(host: GitHost, directory: string): Promise<readonly string[]> {
  const entries = await readdir(directory, { withFileTypes: true });
  const folders = entries.filter((entry) => entry.isDirectory()).map(({ name }) => path.join(directory, name));
  const found = new Set<string>();
  for (const folder of [directory, ...folders.slice(0, 100)]) {
    const owner = await gitFolderOf(host, folder).catch(() => undefined);
    if (owner !== undefined) found.add(owner.mirror);
    if (folder === directory && owner !== undefined) break;
  }
  return [...found];
}

async function registered(mirror: string, directory: string): Promise<string | undefined> {
  const records = path.join(mirror, 'worktrees');
  for (const name of await readdir(records).catch(() => [])) {
    const link = await readFile(path.join(records, name, 'gitdir'), 'utf8').catch(() => '');
    if (link !== '' && (await same(path.dirname(link.trim()), directory))) return path.join(records, name);
  }
  return undefined;
}

/** True when both paths exist and lead to the same place. */
async function same(a: string, b: string): Promise<boolean> {
  const [first, second] = await Promise.all([a, b].map((place) => realpath(place).catch(() => undefined)));
  return first !== undefined && first === second;
}
