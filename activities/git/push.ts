import type { GitCredentials } from '../forges/index.ts';
import type { Io } from '../io.ts';
import { AuthDenied, GitFailed, NonFastForward, PushRefused, complaint, remoteProblem } from './errors.ts';
import { git } from './host.ts';
import type { GitHost } from './host.ts';
import { listRefs } from './refs.ts';

export interface BranchOrder {
  readonly mirror: string;
  readonly url: string;
  readonly credentials: GitCredentials;
  readonly branch: string;
}

/** The commit a branch has on the remote now, or nothing. */
async function remoteHead(
  host: GitHost,
  { mirror, url, credentials, branch }: BranchOrder,
  io: Io,
): Promise<string | undefined> {
  const result = await git(
    host,
    { cwd: mirror, credentials, arguments: ['ls-remote', '--heads', url, `refs/heads/${branch}`] },
    io,
  );
  if (result.exitCode !== 0) throw remoteProblem(url, result.output) ?? new GitFailed(['ls-remote'], result);
  return result.stdout.split('\t')[0] || undefined;
}

/**
 * Puts `sha` on the branch, by lease on what the remote has now. A remote that is there already is left alone; one that holds
 * commits that are not ancestors of `sha` is somebody else's: NonFastForward. PushRefused holds the remote's own reason.
 */
export async function pushBranch(host: GitHost, order: BranchOrder & { readonly sha: string }, io: Io): Promise<void> {
  const { mirror, url, credentials, branch, sha } = order;
  const head = await remoteHead(host, order, io);
  if (head === sha) return;
  if (head !== undefined && !(await contains(host, { mirror, ancestor: head, sha }, io))) throw foreign(order, head);
  const lease = `--force-with-lease=refs/heads/${branch}:${head ?? ''}`;
  const pushed = await git(
    host,
    { cwd: mirror, credentials, arguments: ['push', '--quiet', lease, url, `${sha}:refs/heads/${branch}`] },
    io,
  );
  if (pushed.exitCode === 0) return;
  const now = await remoteHead(host, order, io);
  if (now === sha) return;
  if (now !== head) throw foreign(order, now ?? 'nothing');
  throw refusedPush(url, pushed.output) ?? new GitFailed(['push'], pushed);
}

/** Deletes the branch when it holds one of the run's own commits (those under the refs prefix `own`); otherwise leaves it. */
export async function deleteBranch(
  host: GitHost,
  order: BranchOrder & { readonly own: string },
  io: Io,
): Promise<void> {
  const { mirror, url, credentials, branch } = order;
  const head = await remoteHead(host, order, io);
  if (head === undefined || !(await listRefs(host, { mirror, prefix: order.own }, io)).includes(head)) return;
  const lease = `--force-with-lease=refs/heads/${branch}:${head}`;
  const deleted = await git(
    host,
    { cwd: mirror, credentials, arguments: ['push', '--quiet', lease, url, `:refs/heads/${branch}`] },
    io,
  );
  if (deleted.exitCode !== 0 && (await remoteHead(host, order, io)) !== undefined)
    throw refusedPush(url, deleted.output) ?? new GitFailed(['push'], deleted);
}

async function contains(
  host: GitHost,
  { mirror, ancestor, sha }: { mirror: string; ancestor: string; sha: string },
  io: Io,
): Promise<boolean> {
  const result = await git(host, { cwd: mirror, arguments: ['merge-base', '--is-ancestor', ancestor, sha] }, io);
  return result.exitCode === 0;
}

function foreign({ url, branch }: BranchOrder, head: string): NonFastForward {
  return new NonFastForward(
    `branch "${branch}" of ${url} holds other commits (${head.slice(0, 12)}): rename or delete it there, then answer retry`,
  );
}

function refusedPush(url: string, output: string): Error | undefined {
  const known = remoteProblem(url, output);
  if (known instanceof AuthDenied) return known;
  if (!/rejected|declined|protected|remote: error/i.test(output)) return known;
  const said = output
    .split('\n')
    .filter((line) => line.startsWith('remote:'))
    .map((line) => line.slice(7).trim())
    .filter((line) => line !== '');
  return new PushRefused(`${url} refuses the push: ${(said.join(' ') || complaint(output)).slice(0, 300)}`);
}
