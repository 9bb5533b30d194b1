import { rm } from 'node:fs/promises';
import type { Io } from '../io.ts';
import { git, mustGit } from './host.ts';
import type { GitHost } from './host.ts';
import { withLock } from './lock.ts';

export interface Worktree {
  readonly mirror: string;
  readonly directory: string;
}

/** A clean worktree of exactly this commit, detached. One that is there already is put back to the commit; ignored files in it stay. */
export async function addWorktree(host: GitHost, order: Worktree & { readonly commit: string }, io: Io): Promise<void> {
  const { mirror, directory, commit } = order;
  if (!(await reset(host, order, io))) {
    await withLock(mirror, async () => {
      await forget(host, order, io);
      await mustGit(
        host,
        { cwd: mirror, arguments: ['worktree', 'add', '--quiet', '--no-checkout', '--detach', directory, commit] },
        io,
      );
    });
    await mustGit(host, { cwd: directory, arguments: ['checkout', '--quiet', '--detach', '--force', commit] }, io);
  }
}

async function reset(
  host: GitHost,
  { mirror, directory, commit }: Worktree & { readonly commit: string },
  io: Io,
): Promise<boolean> {
  const common = await git(
    host,
    { arguments: ['-C', directory, 'rev-parse', '--path-format=absolute', '--git-common-dir', '--show-toplevel'] },
    io,
  );
  const [owner, top] = common.stdout.trim().split('\n');
  if (common.exitCode !== 0 || owner !== mirror || top !== directory) return false;
  const checkedOut = await git(
    host,
    { cwd: directory, arguments: ['checkout', '--quiet', '--detach', '--force', commit] },
    io,
  );
  const cleaned = await git(host, { cwd: directory, arguments: ['clean', '-ffdq'] }, io);
  return checkedOut.exitCode === 0 && cleaned.exitCode === 0;
}

/** Removes a worktree and its registration, whatever state it is in. */
export async function removeWorktree(host: GitHost, worktree: Worktree, io: Io): Promise<void> {
  await withLock(worktree.mirror, () => forget(host, worktree, io));
}

async function forget(host: GitHost, { mirror, directory }: Worktree, io: Io): Promise<void> {
  await git(host, { cwd: mirror, arguments: ['worktree', 'unlock', directory] }, io);
  await git(host, { cwd: mirror, arguments: ['worktree', 'remove', '-f', '-f', directory] }, io);
  await rm(directory, { recursive: true, force: true });
  await git(host, { cwd: mirror, arguments: ['worktree', 'prune'] }, io);
}
