import type { Io } from '../io.ts';
import { git } from './host.ts';
import type { GitHost } from './host.ts';

/** The text of a file at a commit, or nothing when there is none. */
export async function fileAt(
  host: GitHost,
  { mirror, commit, file }: { readonly mirror: string; readonly commit: string; readonly file: string },
  io: Pick<Io, 'signal'>,
): Promise<string | undefined> {
  const shown = await git(host, { cwd: mirror, arguments: ['cat-file', 'blob', `${commit}:${file}`] }, io);
  return shown.exitCode === 0 ? shown.stdout : undefined;
}
