import type { Io } from '../io.ts';
import { git, mustGit } from './host.ts';
import type { GitHost } from './host.ts';

export interface CommitOrder {
  readonly directory: string;
  /** The commit the work started from. */
  readonly parent: string;
  readonly message: string;
  readonly trailers: Readonly<Record<string, string>>;
}

/**
 * Commits everything in the worktree as one commit on `parent`; commits that an agent made itself are folded in. Nothing
 * changed gives `parent`.
 */
export async function commitAll(host: GitHost, order: CommitOrder, io: Io): Promise<{ sha: string; changed: boolean }> {
  const { directory, parent } = order;
  const at = async (...args: string[]): Promise<string> => mustGit(host, { cwd: directory, arguments: args }, io);
  await at('add', '--all');
  const tree = await at('write-tree');
  if (tree === (await at('rev-parse', `${parent}^{tree}`))) return { sha: parent, changed: false };
  const trailers = Object.entries(order.trailers).map(([key, value]) => `${key}: ${value}`);
  const sha = await mustGit(
    host,
    {
      cwd: directory,
      arguments: ['commit-tree', tree, '-p', parent, '-F', '-'],
      input: `${order.message}\n\n${trailers.join('\n')}\n`,
    },
    io,
  );
  await git(host, { cwd: directory, arguments: ['checkout', '--quiet', '--detach', sha] }, io);
  return { sha, changed: true };
}
