import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { commitAll, treeOf } from '../../../activities/git/commit.ts';
import { NO_CREDENTIALS } from '../../../activities/git/host.ts';
import { ensureMirror, resolveBase } from '../../../activities/git/mirror.ts';
import { addWorktree, pruneWorktrees } from '../../../activities/git/worktree.ts';
import { temporaryFolder } from '../../support/folder.ts';
import { bareRepository, git } from '../../support/repository.ts';

const io = { signal: new AbortController().signal, progress: () => undefined };

/** A mirror of a small repository, and its base commit. */
async function scene() {
  const folder = await temporaryFolder();
  const url = bareRepository(folder, 'api', { 'a.txt': 'one\n', '.gitignore': 'ignored\n' });
  const host = {
    home: path.join(folder, 'home'),
    path: process.env['PATH'] ?? '',
    identity: { name: 'Bot', email: 'bot@example.com' },
  };
  mkdirSync(host.home);
  const mirror = await ensureMirror(host, { url, credentials: NO_CREDENTIALS }, io);
  return { folder, url, host, mirror, base: await resolveBase(host, { mirror, url, base: 'main' }, io) };
}

test('twenty worktrees and fetches at once do not race, and all are gone after removal', async () => {
  const { folder, url, host, mirror, base } = await scene();
  const directories = Array.from({ length: 20 }, (_, index) => path.join(folder, `w${index}`));
  await Promise.all([
    ...directories.map((directory) => addWorktree(host, { mirror, directory, commit: base }, io)),
    ...[1, 2, 3].map(() => ensureMirror(host, { url, credentials: NO_CREDENTIALS }, io)),
  ]);
  for (const directory of directories) expect(readFileSync(path.join(directory, 'a.txt'), 'utf8')).toBe('one\n');
  for (const directory of directories) rmSync(directory, { recursive: true });
  await pruneWorktrees(host, mirror, io);
  expect(git(mirror, 'worktree', 'list').split('\n')).toHaveLength(1);
});

test('a worktree that was left half made is made anew', async () => {
  const { folder, host, mirror, base } = await scene();
  const directory = path.join(folder, 'w');
  git(mirror, 'worktree', 'add', '--quiet', '--no-checkout', '--detach', '--lock', directory, base);
  execFileSync('rm', ['-rf', path.join(directory, '.git')]);
  await addWorktree(host, { mirror, directory, commit: base }, io);
  expect(git(directory, 'status', '--porcelain')).toBe('');
});

test('a worktree that is there is put back to its commit, and ignored files in it stay', async () => {
  const { folder, host, mirror, base } = await scene();
  const directory = path.join(folder, 'w');
  await addWorktree(host, { mirror, directory, commit: base }, io);
  writeFileSync(path.join(directory, 'a.txt'), 'changed\n');
  writeFileSync(path.join(directory, 'new.txt'), 'new\n');
  writeFileSync(path.join(directory, 'ignored'), 'kept\n');
  await addWorktree(host, { mirror, directory, commit: base }, io);
  expect(readFileSync(path.join(directory, 'a.txt'), 'utf8')).toBe('one\n');
  expect([existsSync(path.join(directory, 'new.txt')), existsSync(path.join(directory, 'ignored'))]).toEqual([
    false,
    true,
  ]);
});

test('what an agent left, committed or not, becomes one commit on the parent; nothing changed gives the parent', async () => {
  const { folder, host, mirror, base } = await scene();
  const directory = path.join(folder, 'w');
  await addWorktree(host, { mirror, directory, commit: base }, io);
  const order = { directory, parent: base, message: 'Work', trailers: { Run: 'r1' } };
  expect(await commitAll(host, order, io)).toEqual({ sha: base, changed: false });
  writeFileSync(path.join(directory, 'b.txt'), 'b\n');
  git(directory, 'add', 'b.txt');
  git(directory, 'commit', '--quiet', '--message', 'by the agent');
  writeFileSync(path.join(directory, 'c.txt'), 'c\n');
  const { sha, changed } = await commitAll(host, order, io);
  expect(changed).toBe(true);
  expect(git(mirror, 'log', '--format=%an %s', `${base}..${sha}`)).toBe('Bot Work');
  expect(git(mirror, 'diff', '--name-only', base, sha).split('\n')).toEqual(['b.txt', 'c.txt']);
  expect(git(mirror, 'log', '-1', '--format=%(trailers)', sha).trim()).toBe('Run: r1');
});

test('hooks of the repository do not run with our rights', async () => {
  const { folder, host, mirror, base } = await scene();
  const directory = path.join(folder, 'w');
  writeFileSync(path.join(mirror, 'hooks', 'post-checkout'), `#!/bin/sh\ntouch ${path.join(folder, 'owned')}\n`, {
    mode: 0o755,
  });
  await addWorktree(host, { mirror, directory, commit: base }, io);
  expect(existsSync(path.join(folder, 'owned'))).toBe(false);
});

test('asked again, a commit gives the one that it made', async () => {
  const { folder, host, mirror, base } = await scene();
  const directory = path.join(folder, 'w');
  await addWorktree(host, { mirror, directory, commit: base }, io);
  writeFileSync(path.join(directory, 'b.txt'), 'b\n');
  const order = { directory, parent: base, message: 'Work', trailers: { Run: 'r1' } };
  const first = await commitAll(host, order, io);
  writeFileSync(path.join(mirror, 'worktrees', 'w', 'index.lock'), '');
  expect(await commitAll(host, order, io)).toEqual(first);
});

test('filters, remotes and hooks that a session configures do not run with our rights', async () => {
  const { folder, host, mirror, base } = await scene();
  const directory = path.join(folder, 'w');
  const owned = path.join(folder, 'owned');
  await addWorktree(host, { mirror, directory, commit: base }, io);
  const script = path.join(folder, 'evil.sh');
  writeFileSync(script, `#!/bin/sh\ntouch ${owned}\ncat\n`, { mode: 0o755 });
  git(directory, 'config', 'filter.evil.clean', script);
  git(directory, 'config', 'core.fsmonitor', script);
  git(directory, 'config', 'core.sshCommand', script);
  writeFileSync(path.join(directory, '.gitattributes'), '* filter=evil\n');
  writeFileSync(path.join(directory, 'b.txt'), 'b\n');
  const { sha } = await commitAll(host, { directory, parent: base, message: 'Work', trailers: {} }, io);
  expect(git(mirror, 'diff', '--name-only', base, sha).split('\n')).toEqual(['.gitattributes', 'b.txt']);
  expect(existsSync(owned)).toBe(false);
});

test('a session that replaces the .git of its worktree or starts a repository in it loses nothing and redirects nothing', async () => {
  const { folder, host, mirror, base } = await scene();
  const directory = path.join(folder, 'w');
  await addWorktree(host, { mirror, directory, commit: base }, io);
  execFileSync('rm', ['-rf', path.join(directory, '.git')]);
  git(directory, 'init', '--quiet');
  mkdirSync(path.join(directory, 'nested'));
  git(path.join(directory, 'nested'), 'init', '--quiet');
  writeFileSync(path.join(directory, 'nested', 'n.txt'), 'n\n');
  mkdirSync(path.join(directory, 'foreign'));
  git(path.join(directory, 'foreign'), 'clone', '--quiet', mirror, '.');
  const { sha } = await commitAll(host, { directory, parent: base, message: 'Work', trailers: {} }, io);
  expect(git(mirror, 'diff', '--name-only', base, sha).split('\n')).toEqual(['nested/n.txt']);
});

test('what set-up left and nobody touched since stays out of the commit', async () => {
  const { folder, host, mirror, base } = await scene();
  const directory = path.join(folder, 'w');
  await addWorktree(host, { mirror, directory, commit: base }, io);
  writeFileSync(path.join(directory, 'a.txt'), 'set up\n');
  writeFileSync(path.join(directory, 'left.txt'), 'left\n');
  writeFileSync(path.join(directory, 'shared.txt'), 'left\n');
  const prepared = await treeOf(host, { directory, parent: base }, io);
  writeFileSync(path.join(directory, 'shared.txt'), 'worked on\n');
  writeFileSync(path.join(directory, 'b.txt'), 'b\n');
  const order = { directory, parent: base, message: 'Work', trailers: {}, prepared };
  const { sha } = await commitAll(host, order, io);
  expect(git(mirror, 'diff', '--name-only', base, sha).split('\n')).toEqual(['b.txt', 'shared.txt']);
});

test.each([
  ['/nowhere/api.git', 'RepositoryNotFound', 'main'],
  ['', 'BaseNotFound', 'trunk'],
])('the repository %j is refused as %s', async (url, name, base) => {
  const { host, url: real } = await scene();
  const act = async (): Promise<string> => {
    const mirror = await ensureMirror(host, { url: url || real, credentials: NO_CREDENTIALS }, io);
    return resolveBase(host, { mirror, url: url || real, base }, io);
  };
  await expect(act()).rejects.toMatchObject({ name });
});
