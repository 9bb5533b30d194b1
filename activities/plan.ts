import type { Outcome } from '../domain/outcome.ts';
import type { ForgeChoice, Repository, RoleChoices } from '../domain/project.ts';
import { oneLine } from '../domain/text.ts';
import { ensureMirror, resolveBase } from './git/mirror.ts';
import type { Io } from './io.ts';
import { castRoles } from './personas.ts';
import type { Ports } from './ports.ts';

export interface PlanInput {
  readonly repositories: readonly Repository[];
  readonly forge: ForgeChoice;
  readonly title: string;
  readonly roles: RoleChoices;
  /** The project's limit of turns in a session. */
  readonly maxTurns: number;
}

/** Fetches every repository and pins the commit of its base, and from there the persona of every role. The plan is one task: the whole spec. */
export async function plan(ports: Ports, input: PlanInput, io: Io): Promise<Outcome> {
  const { repositories, forge, title, roles, maxTurns } = input;
  const pinned = await Promise.all(
    repositories.map(async ({ key, url, base }) => {
      io.progress(`fetching ${key}`);
      const mirror = await ensureMirror(ports.git, { url, credentials: ports.forge(forge).credentials(url) }, io);
      return { key, url, base, baseCommit: await resolveBase(ports.git, { mirror, url, base }, io) };
    }),
  );
  const cast = await castRoles(ports, { roles, repositories: pinned, maxTurns }, io);
  if ('why' in cast) return { kind: 'rejected', why: oneLine(cast.why.join('; '), 500) };
  return { kind: 'planned', repositories: pinned, tasks: [{ id: '1', title, after: [] }], personas: cast.personas };
}
