import { randomUUID } from 'node:crypto';
import { access, mkdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import type { Io } from '../io.ts';
import { git, mustGit } from './host.ts';
import type { GitHost } from './host.ts';
import { withLock } from './lock.ts';

export interface CloneOrder {
  readonly mirror: string;
  readonly directory: string;
  /** What `origin` is to be. */
  readonly url: string;
  readonly branch: string;
  readonly commit: string;
}

/** A clone of its own for a person, with a new branch at a commit of the mirror checked out. What is at its place already is left as it is. */
export async function openClone(host: GitHost, order: CloneOrder, io: Io): Promise<void> {
  const { mirror, directory, url, branch, commit } = order;
  if (await exists(directory)) return;
  await mkdir(path.dirname(directory), { recursive: true });
  const draft = `${directory}.${randomUUID()}.part`;
  const tracked = '+refs/remotes/origin/*:refs/remotes/origin/*';
  try {
    const clone = ['clone', '--quiet', '--local', '--no-checkout', '--', mirror, draft];
    await withLock(mirror, () => mustGit(host, { arguments: clone }, io), io.signal);
    const at = (...args: readonly string[]): Promise<string> => mustGit(host, { cwd: draft, arguments: args }, io);
    await at('fetch', '--quiet', '--no-tags', '--no-write-fetch-head', '--', mirror, tracked);
    await at('remote', 'set-url', 'origin', url);
    await at('checkout', '--quiet', '--no-track', '-B', branch, commit);
    await rename(draft, directory);
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}

/** Names of files with changes that nobody has committed; ignored ones do not count. */
export async function uncommitted(host: GitHost, directory: string, io: Io): Promise<readonly string[]> {
  const status = ['status', '--porcelain=v1', '-z', '--no-renames', '--untracked-files=all'];
  const out = await mustGit(host, { cwd: directory, arguments: status }, io);
  return out
    .split('\0')
    .filter((entry) => entry !== '')
    .map((entry) => entry.slice(3));
}

/** The branch that is checked out, or nothing when HEAD is on none. */
export async function branchAt(host: GitHost, directory: string, io: Io): Promise<string | undefined> {
  const call = { cwd: directory, arguments: ['symbolic-ref', '--quiet', '--short', 'HEAD'] };
  const found = await git(host, call, io);
  return found.exitCode === 0 ? found.stdout.trim() : undefined;
}

/** The commits of HEAD, every branch and the newest stash. */
export async function heads(host: GitHost, directory: string, io: Io): Promise<readonly string[]> {
  const refs = ['for-each-ref', '--format=%(objectname)', 'refs/heads', 'refs/stash'];
  const found = await mustGit(host, { cwd: directory, arguments: refs }, io);
  const head = await mustGit(host, { cwd: directory, arguments: ['rev-parse', 'HEAD'] }, io);
  return [...new Set([head, ...found.split('\n').filter((sha) => sha !== '')])];
}

/** True when a commit is another one or comes before it; false also where the mirror lacks one of them. */
export async function isAncestor(
  host: GitHost,
  { mirror, ancestor, commit }: { readonly mirror: string; readonly ancestor: string; readonly commit: string },
  io: Io,
): Promise<boolean> {
  const call = { cwd: mirror, arguments: ['merge-base', '--is-ancestor', ancestor, commit] };
  return (await git(host, call, io)).exitCode === 0;
}

/** First lines of the messages of at most 50 commits that `to` has and `from` has not, oldest first. */
export async function subjects(
  host: GitHost,
  { mirror, from, to }: { readonly mirror: string; readonly from: string; readonly to: string },
  io: Io,
): Promise<readonly string[]> {
  const log = ['log', '--max-count=50', '--reverse', '--format=%s', `${from}..${to}`];
  const out = await mustGit(host, { cwd: mirror, arguments: log }, io);
  return out.split('\n').filter((line) => line !== '');
}

/** True when something is at this place. */
export function exists(place: string): Promise<boolean> {
  return access(place).then(
    () => true,
    () => false,
  );
}
