import type { Io } from '../io.ts';
import { worktreeGit } from './commit.ts';
import type { GitHost } from './host.ts';

/** Id of the commit that one of our worktrees holds as it is, ignored files aside; nothing where anything else differs from it. */
export async function cleanCommit(host: GitHost, directory: string, io: Io): Promise<string | undefined> {
  const at = await worktreeGit(host, directory, io);
  const differing = await at(['status', '--porcelain', '--untracked-files=normal', '--no-renames']);
  return differing === '' ? (await at(['rev-parse', 'HEAD^{commit}'])).trim() : undefined;
}
