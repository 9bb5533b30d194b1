import { randomUUID } from 'node:crypto';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';

const MAC = process.platform === 'darwin' ? '\tignorecase = true\n\tprecomposeunicode = true\n' : '';
const CONFIG = `[core]\n\trepositoryformatversion = 0\n\tfilemode = true\n\tbare = true\n${MAC}`;

/**
 * Puts a mirror's configuration back to ours, which names no remote. Sessions can write to it from their worktrees: filters, ssh
 * commands or rewritten URLs of theirs must not run with our rights. Call it before git reads or writes files, or gets credentials.
 */
export async function restoreConfig(mirror: string): Promise<void> {
  const file = path.join(mirror, 'config');
  if ((await readFile(file, 'utf8').catch(() => '')) === CONFIG) return;
  const part = `${file}.${randomUUID()}`;
  await writeFile(part, CONFIG);
  await rm(file, { recursive: true, force: true });
  await rename(part, file);
}
