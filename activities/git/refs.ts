import type { GitCredentials } from '../forges/index.ts';
import type { Io } from '../io.ts';
import type { CommandResult } from '../process/run-command.ts';
import { GitFailed, remoteProblem } from './errors.ts';
import { git, mustGit } from './host.ts';
import type { GitHost } from './host.ts';

/** Keeps a commit from being collected, under a hidden ref of the mirror. */
export async function saveRef(
  host: GitHost,
  order: { mirror: string; ref: string; sha: string },
  io: Io,
): Promise<void> {
  await mustGit(host, { cwd: order.mirror, arguments: ['update-ref', order.ref, order.sha] }, io);
}

/** Commits kept under a prefix such as `refs/spec-to-pr/GH-42/`. */
export async function listRefs(
  host: GitHost,
  order: { mirror: string; prefix: string },
  io: Io,
): Promise<readonly string[]> {
  const out = await mustGit(
    host,
    { cwd: order.mirror, arguments: ['for-each-ref', '--format=%(objectname)', order.prefix] },
    io,
  );
  return out === '' ? [] : out.split('\n');
}

/** Deletes the ref of a mirror that is named so, or all below a prefix that ends with `/`. */
export async function deleteRefs(
  host: GitHost,
  { mirror, prefix }: { mirror: string; prefix: string },
  io: Io,
): Promise<void> {
  const names = await mustGit(host, { cwd: mirror, arguments: ['for-each-ref', '--format=%(refname)', prefix] }, io);
  if (names === '') return;
  const input = names
    .split('\n')
    .map((name) => `delete ${name}\n`)
    .join('');
  await mustGit(host, { cwd: mirror, arguments: ['update-ref', '--stdin'], input }, io);
}

interface RemoteRefs {
  readonly mirror: string;
  readonly url: string;
  readonly credentials: GitCredentials;
}

/** Puts a commit on a hidden ref of a remote. It is ours alone, so what stood there is replaced. */
export async function pushRef(
  host: GitHost,
  { mirror, url, credentials, sha, ref }: RemoteRefs & { readonly sha: string; readonly ref: string },
  io: Io,
): Promise<void> {
  const push = ['push', '--quiet', '--no-verify', '--', url, `+${sha}:${ref}`];
  const result = await git(host, { cwd: mirror, credentials, arguments: push }, io);
  if (result.exitCode !== 0) throw remoteProblem(url, result.output) ?? new GitFailed(['push'], result);
}

type Fetch = RemoteRefs & { readonly from: string; readonly to: string };

/** Brings the commits of a remote's hidden refs below `from` to the mirror, below `to`. */
export async function fetchRefs(host: GitHost, order: Fetch, io: Io): Promise<void> {
  const result = await fetch(host, { ...order, from: `${order.from}/*`, to: `${order.to}/*` }, io);
  if (result.exitCode !== 0) throw remoteProblem(order.url, result.output) ?? new GitFailed(['fetch'], result);
}

/** Brings the commit that a remote has at a branch, tag or commit id to a ref of the mirror. Gives it, or nothing where the remote has none such. */
export async function fetchCommit(host: GitHost, order: Fetch, io: Io): Promise<string | undefined> {
  const result = await fetch(host, order, io);
  if (/couldn't find remote ref|not our ref|unadvertised object|invalid refspec/i.test(result.output)) return undefined;
  if (result.exitCode !== 0) throw remoteProblem(order.url, result.output) ?? new GitFailed(['fetch'], result);
  return mustGit(host, { cwd: order.mirror, arguments: ['rev-parse', '--verify', `${order.to}^{commit}`] }, io);
}

function fetch(host: GitHost, { mirror, url, credentials, from, to }: Fetch, io: Io): Promise<CommandResult> {
  const options = ['--quiet', '--no-tags', '--no-write-fetch-head'];
  return git(host, { cwd: mirror, credentials, arguments: ['fetch', ...options, '--', url, `+${from}:${to}`] }, io);
}

/** Deletes the ref of a remote that is named so, or all below a prefix that ends with `/`. */
export async function deleteRemoteRefs(
  host: GitHost,
  { mirror, url, credentials, prefix }: RemoteRefs & { readonly prefix: string },
  io: Io,
): Promise<void> {
  const listed = await git(host, { cwd: mirror, credentials, arguments: ['ls-remote', '--', url, `${prefix}*`] }, io);
  if (listed.exitCode !== 0) throw remoteProblem(url, listed.output) ?? new GitFailed(['ls-remote'], listed);
  const found = listed.stdout.split('\n').flatMap((line) => line.split('\t')[1] ?? []);
  const names = prefix.endsWith('/') ? found : found.filter((name) => name === prefix);
  if (names.length === 0) return;
  const push = ['push', '--quiet', '--no-verify', '--', url, ...names.map((name) => `:${name}`)];
  const result = await git(host, { cwd: mirror, credentials, arguments: push }, io);
  if (result.exitCode !== 0) throw remoteProblem(url, result.output) ?? new GitFailed(['push'], result);
}
