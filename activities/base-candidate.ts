import { createHash } from 'node:crypto';
import type { RunKey } from '../domain/ids.ts';
import { remotesOf } from '../domain/project.ts';
import type { Project } from '../domain/project.ts';
import type { RunRepository } from '../domain/run.ts';
import type { Candidate } from './candidate.ts';
import { git } from './git/host.ts';
import { ensureMirror, resolveBase } from './git/mirror.ts';
import { fetchCommit } from './git/refs.ts';
import type { Io } from './io.ts';
import type { Ports } from './ports.ts';

/** A person named a commit that is not there. */
export class CommitUnknown extends Error {
  override readonly name = 'CommitUnknown';
}

export interface BaseOrder {
  readonly project: Pick<Project, 'repositories' | 'limits' | 'forge' | 'state'>;
  readonly key: RunKey;
  readonly name: string;
  /** Branch, tag or commit by repository; the others are at their base branch. */
  readonly at?: Readonly<Record<string, string>>;
}

/** What an environment without a run is made of: the tips of the base branches, or what `at` names. Throws CommitUnknown. */
export async function baseCandidate(
  ports: Ports,
  { project, key: runKey, name, at = {} }: BaseOrder,
  io: Io,
): Promise<Candidate> {
  const { repositories, limits, forge } = project;
  const to = `refs/named/${createHash('sha256').update(name).digest('hex').slice(0, 16)}`;
  const found = await Promise.all(
    repositories.map(async ({ key, url, base }): Promise<RunRepository & { readonly commit: string }> => {
      const mirror = await ensureMirror(ports.git, { url, credentials: ports.forge(forge).credentials(url) }, io);
      const baseCommit = await resolveBase(ports.git, { mirror, url, base }, io);
      const wanted = at[key];
      if (wanted === undefined) return { key, url, base, baseCommit, commit: baseCommit };
      const remote = { mirror, url, credentials: ports.forge(forge).credentials(url) };
      const commit = await namedCommit(ports, { ...remote, from: wanted, to }, io);
      if (commit === undefined)
        throw new CommitUnknown(`the repository "${key}" has no branch, tag or commit "${wanted}"`);
      return { key, url, base, baseCommit, commit };
    }),
  );
  return {
    ...{ key: runKey, workId: name, remotes: remotesOf(project), attempt: 1 },
    commits: Object.fromEntries(found.map(({ key, commit }) => [key, commit])),
    pinned: found.map(({ key, url, base, baseCommit }) => ({ key, url, base, baseCommit })),
    ...{ repositories, limits },
  };
}

/** The commit of a branch or a commit id that the fresh mirror has, else of what the remote has under that name, such as a tag. */
async function namedCommit(
  ports: Ports,
  order: Parameters<typeof fetchCommit>[1],
  io: Io,
): Promise<string | undefined> {
  for (const name of [`refs/remotes/origin/${order.from}`, order.from]) {
    const asked = ['rev-parse', '--verify', '--quiet', '--end-of-options', `${name}^{commit}`];
    const { exitCode, stdout } = await git(ports.git, { cwd: order.mirror, arguments: asked }, io);
    if (exitCode === 0) return stdout.trim();
  }
  return fetchCommit(ports.git, order, io);
}
