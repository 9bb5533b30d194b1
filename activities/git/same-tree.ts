import type { Io } from '../io.ts';
import { git } from './host.ts';
import type { GitHost } from './host.ts';

/** The first of `among` that holds exactly the files of `sha`; `sha` itself when none does, or none is in this mirror. */
export async function sameTree(
  host: GitHost,
  { mirror, sha, among }: { readonly mirror: string; readonly sha: string; readonly among: readonly string[] },
  io: Pick<Io, 'signal'>,
): Promise<string> {
  const treeOf = async (commit: string): Promise<string> => {
    const wanted = ['rev-parse', '--verify', '--quiet', `${commit}^{tree}`];
    return (await git(host, { arguments: ['--git-dir', mirror, ...wanted] }, io)).stdout.trim();
  };
  const tree = await treeOf(sha);
  for (const commit of new Set(among)) if (commit !== sha && (await treeOf(commit)) === tree) return commit;
  return sha;
}
