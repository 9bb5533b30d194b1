import { randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { copyFile, realpath, rename, rm } from 'node:fs/promises';
import path from 'node:path';

/** The user's login of a CLI, and where in a session's HOME the CLI looks for it. Absolute paths of files. */
export interface Login {
  readonly from: string;
  readonly to: string;
}

/** Copies a login into the session's folder `jobDirectory`, in place of an older copy. A user without one has none to lend. */
export async function lendLogin({ from, to }: Login, jobDirectory: string): Promise<void> {
  if (!(await isWithin(to, jobDirectory))) return;
  const fresh = `${to}.${randomUUID()}`;
  await copyFile(from, fresh, constants.COPYFILE_EXCL)
    .then(() => rename(fresh, to))
    .catch(() => rm(fresh, { force: true }));
}

/** Removes the copy of a login, if there is one. */
export async function removeLogin({ to }: Login, jobDirectory: string): Promise<void> {
  if (await isWithin(to, jobDirectory)) await rm(to, { force: true });
}

/** False where a session has put a link in place of a folder of its own: what is behind that is not ours to write or remove. */
async function isWithin(file: string, folder: string): Promise<boolean> {
  const [parent, base] = await Promise.all([realpath(path.dirname(file)), realpath(folder)]).catch(() => ['', '']);
  return base !== '' && parent === path.join(base, path.relative(folder, path.dirname(file)));
}
