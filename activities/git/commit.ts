import { rm } from 'node:fs/promises';
import path from 'node:path';
import type { Io } from '../io.ts';
import { restoreConfig } from './config.ts';
import { mustGit } from './host.ts';
import type { GitHost } from './host.ts';
import { takeInNested } from './nested.ts';
import { gitFolderOf } from './worktree.ts';

export interface CommitOrder {
  readonly directory: string;
  /** The commit the work started from. */
  readonly parent: string;
  readonly message: string;
  readonly trailers: Readonly<Record<string, string>>;
  /** The worktree as a tree before the work began, by `treeOf`: what set-up left and nobody touched since stays out. */
  readonly prepared?: string | undefined;
}

/** Runs git on one worktree and gives its output; throws GitFailed. */
export type WorktreeGit = (args: readonly string[], input?: string) => Promise<string>;

/**
 * Commits everything in the worktree as one commit on `parent`; commits that an agent made itself are folded in. Nothing
 * changed gives `parent`; asked again, it gives the commit that it made. No session may work in the worktree meanwhile.
 */
export async function commitAll(host: GitHost, order: CommitOrder, io: Io): Promise<{ sha: string; changed: boolean }> {
  const { parent, prepared } = order;
  const at = await worktreeGit(host, order.directory, io);
  const whole = await stage(at, order, io);
  const tree = prepared === undefined ? whole : await without(at, { whole, prepared, parent });
  const changed = tree !== (await at(['rev-parse', `${parent}^{tree}`]));
  const sha = changed ? await commitOf(at, { host, order, tree }) : parent;
  await at(['update-ref', '--no-deref', 'HEAD', sha]);
  return { sha, changed };
}

/** The worktree as it is now, as a git tree: everything that is not ignored. */
export async function treeOf(host: GitHost, place: Pick<CommitOrder, 'directory' | 'parent'>, io: Io): Promise<string> {
  return stage(await worktreeGit(host, place.directory, io), place, io);
}

/** Git on one of our worktrees, by the mirror's own records and our configuration. */
export async function worktreeGit(host: GitHost, directory: string, io: Io): Promise<WorktreeGit> {
  const { folder, mirror } = await gitFolderOf(host, directory);
  await restoreConfig(mirror);
  for (const name of ['index.lock', 'HEAD.lock']) await rm(path.join(folder, name), { force: true });
  const place = ['--git-dir', folder, '--work-tree', directory];
  return (args, input) =>
    mustGit(host, { cwd: directory, arguments: [...place, ...args], ...(input === undefined ? {} : { input }) }, io);
}

async function stage(
  at: WorktreeGit,
  { directory, parent }: Pick<CommitOrder, 'directory' | 'parent'>,
  io: Io,
): Promise<string> {
  const clones = await takeInNested(at, { directory, parent });
  for (const name of clones) io.progress(`left out ${name}: a clone of another repository`);
  const literal = clones.map((name) => `:(top,literal)${name}`);
  if (literal.length > 0) await at(['reset', '--quiet', parent, '--', ...literal]);
  await at(['add', '--all', '--', ':(top)', ...clones.map((name) => `:(top,literal,exclude)${name}`)]);
  return at(['write-tree']);
}

/** The staged tree with every path put back to `parent` that is still as `prepared` has it. */
async function without(
  at: WorktreeGit,
  { whole, prepared, parent }: { whole: string; prepared: string; parent: string },
): Promise<string> {
  const differing = async (a: string, b: string): Promise<readonly string[]> =>
    (await at(['diff-tree', '-r', '-z', '--name-only', '--no-renames', a, b]))
      .split('\0')
      .filter((name) => name !== '');
  const touched = new Set(await differing(prepared, whole));
  const left = (await differing(`${parent}^{tree}`, prepared)).filter((name) => !touched.has(name));
  if (left.length === 0) return whole;
  const paths = left.map((name) => `:(top,literal)${name}\0`).join('');
  await at(['reset', '--quiet', '--pathspec-from-file=-', '--pathspec-file-nul', parent], paths);
  return at(['write-tree']);
}

/** The worktree's newest commit when it is the wanted one already, else a new one. */
async function commitOf(
  at: WorktreeGit,
  { host, order, tree }: { host: GitHost; order: CommitOrder; tree: string },
): Promise<string> {
  const { parent, message, trailers } = order;
  const lines = Object.entries(trailers).map(([key, value]) => `${key}: ${value}`);
  const text = [message.trim(), lines.join('\n')].filter((part) => part !== '').join('\n\n');
  const { name, email } = host.identity;
  const wanted = [tree, parent, name, email, name, email, text].join('\n');
  const head = await at(['log', '-1', '--format=%H%n%T%n%P%n%an%n%ae%n%cn%n%ce%n%B', 'HEAD']);
  const [sha = '', ...there] = head.trimEnd().split('\n');
  if (there.join('\n') === wanted) return sha;
  return at(['commit-tree', tree, '-p', parent, '-F', '-'], `${text}\n`);
}
