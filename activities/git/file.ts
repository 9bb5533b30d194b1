import type { Io } from '../io.ts';
import { git } from './host.ts';
import type { GitHost } from './host.ts';

/** Names of the files that lie in a folder at a commit, not those further below; none when there is no such folder. */
export async function fileNamesAt(
  host: GitHost,
  { mirror, commit, folder }: { readonly mirror: string; readonly commit: string; readonly folder: string },
  io: Pick<Io, 'signal'>,
): Promise<readonly string[]> {
  const call = { cwd: mirror, arguments: ['ls-tree', '--name-only', '-z', `${commit}:${folder}`] };
  const listed = await git(host, call, io);
  return listed.exitCode === 0 ? listed.stdout.split('\0').filter((name) => name !== '') : [];
}

/** The text of a file at a commit, or nothing when there is none. */
export async function fileAt(
  host: GitHost,
  { mirror, commit, file }: { readonly mirror: string; readonly commit: string; readonly file: string },
  io: Pick<Io, 'signal'>,
): Promise<string | undefined> {
  const shown = await git(host, { cwd: mirror, arguments: ['cat-file', 'blob', `${commit}:${file}`] }, io);
  return shown.exitCode === 0 ? shown.stdout : undefined;
}
