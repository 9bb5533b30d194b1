import type { Outcome } from '../domain/outcome.ts';
import type { ForgeChoice, Repository } from '../domain/project.ts';
import { ensureMirror, resolveBase } from './git/mirror.ts';
import type { Io } from './io.ts';
import type { Ports } from './ports.ts';

export interface PlanInput {
  readonly repositories: readonly Repository[];
  readonly forge: ForgeChoice;
  readonly title: string;
}

/** Fetches every repository and pins the commit of its base. The plan is one task: the whole spec. */
export async function plan(ports: Ports, { repositories, forge, title }: PlanInput, io: Io): Promise<Outcome> {
  const pinned = await Promise.all(
    repositories.map(async ({ key, url, base }) => {
      io.progress(`fetching ${key}`);
      const mirror = await ensureMirror(ports.git, { url, credentials: ports.forge(forge).credentials(url) }, io);
      return { key, url, base, baseCommit: await resolveBase(ports.git, { mirror, url, base }, io) };
    }),
  );
  return { kind: 'planned', repositories: pinned, tasks: [{ id: '1', title, after: [] }] };
}
