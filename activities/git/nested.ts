import { readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import type { WorktreeGit } from './commit.ts';

interface Place {
  readonly directory: string;
  readonly parent: string;
}

/**
 * Makes files of repositories that a session started inside the worktree ordinary files of the worktree; submodules that
 * `parent` has stay what they are. Gives the paths of clones, which have a remote: those are other people's work.
 */
export async function takeInNested(at: WorktreeGit, { directory, parent }: Place): Promise<readonly string[]> {
  const submodules = links(await at(['ls-tree', '-r', '-z', parent]));
  const clones = new Set<string>();
  for (;;) {
    const linked = links(await at(['ls-files', '--stage', '-z'])).filter((name) => !submodules.includes(name));
    for (const name of linked) await at(['rm', '--cached', '--quiet', '--', `:(top,literal)${name}`]);
    const others = await at(['ls-files', '--others', '--exclude-standard', '-z']);
    const nested = others
      .split('\0')
      .filter((name) => name.endsWith('/'))
      .map((name) => name.slice(0, -1))
      .filter((name) => !clones.has(name));
    if (nested.length === 0) return [...clones];
    for (const name of nested)
      if (await hasRemote(path.join(directory, name))) clones.add(name);
      else await rm(path.join(directory, name, '.git'), { recursive: true, force: true });
  }
}

/** Paths of commits of other repositories in the output of `ls-tree` or `ls-files --stage`. */
function links(entries: string): readonly string[] {
  return entries
    .split('\0')
    .filter((entry) => entry.startsWith('160000 '))
    .map((entry) => entry.slice(entry.indexOf('\t') + 1));
}

/** A `.git` file belongs to a worktree or submodule of something else: that counts as a remote. */
export async function hasRemote(folder: string): Promise<boolean> {
  const config = await readFile(path.join(folder, '.git', 'config'), 'utf8').catch(() => '[remote ""]');
  return config.includes('[remote ');
}
