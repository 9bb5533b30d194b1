import { access } from 'node:fs/promises';
import path from 'node:path';
import type { GitCredentials } from '../forges/index.ts';
import type { Io } from '../io.ts';
import { BaseNotFound, GitFailed, remoteProblem } from './errors.ts';
import { git, mirrorFolder, mustGit } from './host.ts';
import type { GitHost } from './host.ts';
import { withLock } from './lock.ts';

/** Makes or refreshes the bare mirror of a repository; its branches are at `refs/remotes/origin/*`. Gives its folder. */
export async function ensureMirror(
  host: GitHost,
  remote: { url: string; credentials: GitCredentials },
  io: Io,
): Promise<string> {
  const { url, credentials } = remote;
  const mirror = mirrorFolder(host, url);
  await withLock(mirror, async () => {
    if (!(await exists(path.join(mirror, 'config'))))
      await mustGit(host, { arguments: ['init', '--quiet', '--bare', mirror] }, io);
    const origin = await git(host, { cwd: mirror, arguments: ['remote', 'get-url', 'origin'] }, io);
    if (origin.exitCode !== 0) await mustGit(host, { cwd: mirror, arguments: ['remote', 'add', 'origin', url] }, io);
    const fetched = await git(
      host,
      { cwd: mirror, credentials, arguments: ['fetch', '--quiet', '--prune', '--no-tags', 'origin'] },
      io,
    );
    if (fetched.exitCode !== 0) throw remoteProblem(url, fetched.output) ?? new GitFailed(['fetch'], fetched);
  });
  return mirror;
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
    throw new BaseNotFound(`${url} has no branch "${base}": set "base" of the repository in spec-to-pr.yaml`);
  return found.stdout.trim();
}

function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}
