import type { RunKey } from '../domain/ids.ts';
import { remotesOf } from '../domain/project.ts';
import type { Project } from '../domain/project.ts';
import type { RunRepository } from '../domain/run.ts';
import type { Candidate } from './candidate.ts';
import { git } from './git/host.ts';
import { ensureMirror, resolveBase } from './git/mirror.ts';
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
  const found = await Promise.all(
    repositories.map(async ({ key, url, base }): Promise<RunRepository & { readonly commit: string }> => {
      const mirror = await ensureMirror(ports.git, { url, credentials: ports.forge(forge).credentials(url) }, io);
      const baseCommit = await resolveBase(ports.git, { mirror, url, base }, io);
      const wanted = at[key];
      if (wanted === undefined) return { key, url, base, baseCommit, commit: baseCommit };
      const asked = ['rev-parse', '--verify', '--quiet', '--end-of-options', `${wanted}^{commit}`];
      const { exitCode, stdout } = await git(ports.git, { cwd: mirror, arguments: asked }, io);
      if (exitCode !== 0) throw new CommitUnknown(`the repository "${key}" has no branch, tag or commit "${wanted}"`);
      return { key, url, base, baseCommit, commit: stdout.trim() };
    }),
  );
  return {
    ...{ key: runKey, workId: name, remotes: remotesOf(project), attempt: 1 },
    commits: Object.fromEntries(found.map(({ key, commit }) => [key, commit])),
    pinned: found.map(({ key, url, base, baseCommit }) => ({ key, url, base, baseCommit })),
    ...{ repositories, limits },
  };
}
