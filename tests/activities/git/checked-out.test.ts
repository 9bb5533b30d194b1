import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { checkedOut } from '../../../activities/git/checked-out.ts';
import type { CheckedOut } from '../../../activities/git/checked-out.ts';
import { ensureMirror } from '../../../activities/git/mirror.ts';
import { addWorktree } from '../../../activities/git/worktree.ts';
import { temporaryFolder } from '../../support/folder.ts';
import { bareRepository, git, gitHost } from '../../support/repository.ts';

const io = { signal: new AbortController().signal, progress: () => undefined };

interface Scene {
  readonly folder: string;
  readonly directory: string;
  readonly base: string;
  read(directory?: string): Promise<CheckedOut | undefined>;
}

/** A worktree of a mirror, as candidates have one. */
async function scene(): Promise<Scene> {
  const folder = await temporaryFolder();
  const url = bareRepository(folder, 'api', { 'a.txt': 'one\n', 'b.txt': 'two\n' });
  const host = gitHost(path.join(folder, 'home'));
  mkdirSync(host.home);
  const mirror = await ensureMirror(host, { url, credentials: { environment: {}, arguments: [] } }, io);
  const directory = path.join(folder, 'api');
  const base = git(url, 'rev-parse', 'main');
  await addWorktree(host, { mirror, directory, commit: base }, io);
  return { folder, directory, base, read: (place = directory) => checkedOut(host, place, io) };
}

test('the commit of HEAD is told, whatever programs have written into the files', async () => {
  const { directory, base, read } = await scene();
  writeFileSync(path.join(directory, 'a.txt'), 'changed\n');
  writeFileSync(path.join(directory, 'new.txt'), 'new\n');
  rmSync(path.join(directory, 'b.txt'));
  expect(await read()).toEqual({ commit: base, staged: '' });
});

test('another commit is told at once, and files of another commit by the index', async () => {
  const { directory, base, read } = await scene();
  writeFileSync(path.join(directory, 'a.txt'), 'changed\n');
  git(directory, 'commit', '--quiet', '--all', '--message', 'Other');
  const other = git(directory, 'rev-parse', 'HEAD');
  expect(await read()).toEqual({ commit: other, staged: '' });
  git(directory, 'checkout', '--quiet', '--detach', base);
  git(directory, 'checkout', '--quiet', other, '--', '.');
  expect(await read()).toEqual({ commit: base, staged: expect.stringMatching(/^[0-9a-f]{16}$/) });
});

test('a folder that is gone, has lost its repository or has no commit cannot be told', async () => {
  const { folder, directory, read } = await scene();
  const empty = path.join(folder, 'empty');
  mkdirSync(empty);
  git(empty, 'init', '--quiet');
  renameSync(path.join(directory, '.git'), path.join(folder, 'kept'));
  // The folder above is a repository, and one lies bare among the files: neither is the worktree's.
  git(folder, 'clone', '--quiet', path.join(folder, 'api.git'), path.join(folder, 'clone'));
  renameSync(path.join(folder, 'clone', '.git'), path.join(folder, '.git'));
  for (const name of ['HEAD', 'objects', 'refs', 'packed-refs', 'config'])
    if (existsSync(path.join(folder, 'api.git', name)))
      renameSync(path.join(folder, 'api.git', name), path.join(directory, name));
  expect([await read(), await read(empty), await read(path.join(folder, 'nowhere'))]).toEqual([
    undefined,
    undefined,
    undefined,
  ]);
});

test('a repository that was put in the place of the worktree is told by its own commit, and no program that it names is run', async () => {
  const { folder, directory, read } = await scene();
  rmSync(path.join(directory, '.git'));
  git(directory, 'init', '--quiet');
  git(directory, 'add', '--all');
  git(directory, 'commit', '--quiet', '--message', 'Planted');
  const canary = path.join(folder, 'canary');
  writeFileSync(path.join(directory, '.git', 'info', 'attributes'), '* filter=x diff=x\n');
  for (const key of ['core.fsmonitor', 'core.pager', 'filter.x.clean', 'filter.x.process', 'diff.x.command'])
    git(directory, 'config', key, `touch ${canary}; cat`);
  git(directory, 'config', 'diff.external', `touch ${canary}`);
  const planted = git(directory, 'rev-parse', 'HEAD');
  expect(await read()).toEqual({ commit: planted, staged: '' });
  expect(existsSync(canary)).toBe(false);
});
