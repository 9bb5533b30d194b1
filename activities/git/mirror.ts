import { access, readdir, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import type { GitCredentials } from '../forges/index.ts';
import type { Io } from '../io.ts';
import type { CommandResult } from '../process/run-command.ts';
import { restoreConfig } from './config.ts';
import { BaseNotFound, GitFailed, publicUrl, remoteProblem } from './errors.ts';
import { git, mirrorFolder, mustGit } from './host.ts';
import type { GitHost } from './host.ts';
import { withLock } from './lock.ts';

interface Remote {
  readonly url: string;
  readonly credentials: GitCredentials;
}

/** References are locked for milliseconds: a lock file older than this was left by a git that was killed. */
const ABANDONED_MS = 10_000;

/** Makes or refreshes the bare mirror of a repository; its branches are at `refs/remotes/origin/*`. Gives its folder. */
export async function ensureMirror(host: GitHost, remote: Remote, io: Io): Promise<string> {
  const mirror = mirrorFolder(host, remote.url);
  await withLock(
    mirror,
    async () => {
      const whole = await Promise.all(['HEAD', 'objects', 'refs'].map((name) => exists(path.join(mirror, name))));
      if (whole.includes(false)) await mustGit(host, { arguments: ['init', '--quiet', '--bare', mirror] }, io);
      await restoreConfig(mirror);
      let fetched = await fetch(host, { ...remote, mirror }, io);
      if (fetched.exitCode !== 0 && (await removeAbandonedLocks(mirror)))
        fetched = await fetch(host, { ...remote, mirror }, io);
      if (fetched.exitCode !== 0) throw remoteProblem(remote.url, fetched.output) ?? new GitFailed(['fetch'], fetched);
    },
    io.signal,
  );
  return mirror;
}

async function fetch(
  host: GitHost,
  { mirror, url, credentials }: Remote & { readonly mirror: string },
  io: Io,
): Promise<CommandResult> {
  const options = ['--quiet', '--prune', '--no-tags', '--no-write-fetch-head'];
  const refs = '+refs/heads/*:refs/remotes/origin/*';
  return git(host, { cwd: mirror, credentials, arguments: ['fetch', ...options, '--', url, refs] }, io);
}

/** Call it with the mirror locked. True when there were any. */
async function removeAbandonedLocks(mirror: string): Promise<boolean> {
  const below = path.join('refs', 'remotes');
  const names = [
    ...(await readdir(mirror)),
    ...(await readdir(path.join(mirror, below), { recursive: true }).catch(() => [])).map((name) =>
      path.join(below, name),
    ),
  ];
  let removed = false;
  for (const file of names.filter((name) => name.endsWith('.lock')).map((name) => path.join(mirror, name))) {
    const found = await stat(file).catch(() => undefined);
    if (found === undefined || !found.isFile() || Date.now() - found.mtimeMs < ABANDONED_MS) continue;
    await rm(file, { force: true });
    removed = true;
  }
  return removed;
}

/** The commit that a base branch has on the remote, as fetched. */
export async function resolveBase(
  host: GitHost,
  order: { mirror: string; url: string; base: string },
  io: Io,
): Promise<string> {
  const { mirror, url, base } = order;
  const found = await git(
    host,
    { cwd: mirror, arguments: ['rev-parse', '--verify', '--quiet', `refs/remotes/origin/${base}^{commit}`] },
    io,
  );
  if (found.exitCode !== 0)
    throw new BaseNotFound(
      `${publicUrl(url)} has no branch "${base}": set "base" of the repository in the project file and start anew, or push the branch and answer retry`,
    );
  return found.stdout.trim();
}

function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}
