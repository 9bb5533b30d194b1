import { copyFile, lstat, mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Io } from '../io.ts';
import type { CommandResult } from '../process/run-command.ts';
import { worktreeGit } from './commit.ts';
import { GitFailed } from './errors.ts';
import { git, mustGit } from './host.ts';
import type { GitHost } from './host.ts';
import { withLock } from './lock.ts';
import { hasRemote } from './nested.ts';

export interface SnapshotOrder {
  readonly mirror: string;
  readonly directory: string;
  /** The commit that the work started from. */
  readonly parent: string;
  /** A folder of ours for the index, kept from one snapshot to the next: only what changed since is read again. */
  readonly folder: string;
  readonly maxFileBytes: number;
}

/** The dirty tree of a worktree. `leftOut` names files that are too large, and clones of other repositories. */
export interface Snapshot {
  readonly tree: string;
  readonly leftOut: readonly string[];
}

/** `partial`: git may pass over files that vanish or change while it reads them, and says so by exit code 1. */
type Run = (args: readonly string[], how?: { input?: string; partial?: true }) => Promise<string>;

const CONFIG = '[core]\n\trepositoryformatversion = 0\n\tfilemode = true\n\tbare = false\n';

/**
 * Writes everything in a worktree that is not ignored to the mirror, as a git tree, while a session may be at work in it. The
 * worktree's own git folder, index and HEAD are neither read nor written, so nothing that a session put there runs with our rights.
 */
export async function snapshotTree(host: GitHost, order: SnapshotOrder, io: Io): Promise<Snapshot> {
  await mkdir(order.folder, { recursive: true });
  return withLock(order.folder, () => locked(host, order, io), io.signal);
}

/** A commit of a snapshot's tree on the commit that the work started from. */
export async function commitSnapshot(
  host: GitHost,
  order: Pick<SnapshotOrder, 'mirror' | 'parent'> & { readonly tree: string; readonly message: string },
  io: Io,
): Promise<string> {
  const { mirror, parent, tree, message } = order;
  const call = { cwd: mirror, arguments: ['commit-tree', tree, '-p', parent, '-F', '-'], input: `${message}\n` };
  return mustGit(host, call, io);
}

/** Makes the files of a worktree those of a snapshot, as changes that nobody has committed. No session may work in it. */
export async function restoreSnapshot(
  host: GitHost,
  { directory, sha }: { readonly directory: string; readonly sha: string },
  io: Io,
): Promise<void> {
  const at = await worktreeGit(host, directory, io);
  await at(['read-tree', '--reset', '-u', sha]);
  await at(['reset', '--quiet']);
}

async function locked(host: GitHost, order: SnapshotOrder, io: Io): Promise<Snapshot> {
  const { directory, folder, parent, maxFileBytes } = order;
  await ownGitFolder(folder);
  const index = path.join(folder, `index-${parent.slice(0, 12)}`);
  await rm(`${index}.lock`, { force: true });
  const at = runner(host, { ...order, index }, io);
  if (!(await exists(index))) await at(['read-tree', parent]);
  await at(['update-index', '-q', '--really-refresh'], { partial: true });
  const names = split(await at(['ls-files', '--others', '--modified', '--exclude-standard', '-z']));
  const large = await largerThan(maxFileBytes, { directory, names });
  const nested = await nestedIn(directory, names);
  const without = [...large, ...nested.map(({ name }) => name)];
  const add = ['add', '--all', '--ignore-errors', '--pathspec-from-file=-', '--pathspec-file-nul'];
  const input = [':(top)', ...without.map((name) => `:(top,literal,exclude)${name}`)].join('\0');
  await at(add, { input, partial: true });
  const own = nested.filter(({ foreign }) => !foreign).map(({ name }) => name);
  const tree = own.length === 0 ? await at(['write-tree']) : await withNested(host, { order, index, names: own }, io);
  return { tree, leftOut: [...large, ...nested.filter(({ foreign }) => foreign).map(({ name }) => name)] };
}

/** The tree of the index with files of repositories that the session started inside the worktree as ordinary files. */
async function withNested(
  host: GitHost,
  { order, index, names }: { order: SnapshotOrder; index: string; names: readonly string[] },
  io: Io,
): Promise<string> {
  const whole = `${index}.whole`;
  await copyFile(index, whole);
  const at = runner(host, { ...order, index: whole }, io);
  for (const name of names) {
    const part = `${index}.part`;
    await rm(part, { force: true });
    const inside = runner(host, { ...order, directory: path.join(order.directory, name), index: part }, io);
    await inside(['add', '--all', '--ignore-errors'], { partial: true });
    await at(['read-tree', `--prefix=${name}/`, await inside(['write-tree'])]);
  }
  return at(['write-tree']);
}

function runner(
  host: GitHost,
  { mirror, directory, folder, index }: SnapshotOrder & { readonly index: string },
  io: Io,
): Run {
  const place = ['--git-dir', folder, '--work-tree', directory];
  const environment = { GIT_OBJECT_DIRECTORY: path.join(mirror, 'objects'), GIT_INDEX_FILE: index };
  return async (args, { input, partial } = {}) => {
    const call = { cwd: directory, arguments: [...place, ...args], environment };
    const result = await git(host, input === undefined ? call : { ...call, input }, io);
    return partial === true && result.exitCode === 1 ? '' : checked(args, result);
  };
}

function checked(args: readonly string[], result: CommandResult): string {
  if (result.exitCode !== 0) throw new GitFailed(args, result);
  return result.stdout.replace(/\n$/, '');
}

/** The least that git takes for a repository: its objects are those of the mirror. */
async function ownGitFolder(folder: string): Promise<void> {
  for (const name of ['objects', 'refs']) await mkdir(path.join(folder, name), { recursive: true });
  await writeFile(path.join(folder, 'HEAD'), 'ref: refs/heads/none\n');
  await writeFile(path.join(folder, 'config'), CONFIG);
}

async function largerThan(
  bytes: number,
  { directory, names }: { readonly directory: string; readonly names: readonly string[] },
): Promise<readonly string[]> {
  const large: string[] = [];
  for (const name of new Set(names)) {
    const found = await lstat(path.join(directory, name)).catch(() => undefined);
    if (found?.isFile() === true && found.size > bytes) large.push(name);
  }
  return large;
}

/** Repositories inside the worktree that the index does not know; `foreign` are other people's. */
async function nestedIn(
  directory: string,
  names: readonly string[],
): Promise<readonly { readonly name: string; readonly foreign: boolean }[]> {
  const folders = names.filter((name) => name.endsWith('/')).map((name) => name.slice(0, -1));
  return Promise.all(folders.map(async (name) => ({ name, foreign: await hasRemote(path.join(directory, name)) })));
}

function split(out: string): readonly string[] {
  return out.split('\0').filter((name) => name !== '');
}

function exists(file: string): Promise<boolean> {
  return lstat(file).then(
    () => true,
    () => false,
  );
}
