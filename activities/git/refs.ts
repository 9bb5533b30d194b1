import type { Io } from '../io.ts';
import { mustGit } from './host.ts';
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
