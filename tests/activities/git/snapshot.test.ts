import {
  appendFileSync,
  chmodSync,
  existsSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import type { GitHost } from '../../../activities/git/host.ts';
import { ensureMirror } from '../../../activities/git/mirror.ts';
import { commitSnapshot, restoreSnapshot, snapshotTree } from '../../../activities/git/snapshot.ts';
import type { Snapshot } from '../../../activities/git/snapshot.ts';
import { addWorktree, gitFolderOf } from '../../../activities/git/worktree.ts';
import { temporaryFolder } from '../../support/folder.ts';
import { bareRepository, git, writeFiles } from '../../support/repository.ts';

const io = { signal: new AbortController().signal, progress: () => undefined };
const NO_CREDENTIALS = { environment: {}, arguments: [] };

interface Scene {
  readonly host: GitHost;
  readonly mirror: string;
  readonly directory: string;
  readonly parent: string;
  snapshot(): Promise<Snapshot>;
  /** `path content` of a tree, in order. */
  files(tree: string): readonly string[];
}

async function scene(): Promise<Scene> {
  const folder = await temporaryFolder();
  const url = bareRepository(folder, 'api', {
    '.gitignore': 'dist/\n',
    'kept.txt': 'kept\n',
    'changed.txt': 'before\n',
    'deleted.txt': 'gone\n',
  });
  const host = { home: folder, path: process.env['PATH'] ?? '', identity: { name: 'Bot', email: 'b@example.com' } };
  const mirror = await ensureMirror(host, { url, credentials: NO_CREDENTIALS }, io);
  const parent = git(url, 'rev-parse', 'main');
  const directory = path.join(folder, 'work');
  await addWorktree(host, { mirror, directory, commit: parent }, io);
  const order = { mirror, directory, parent, folder: path.join(folder, 'keep'), maxFileBytes: 1000 };
  return {
    ...{ host, mirror, directory, parent },
    snapshot: () => snapshotTree(host, order, io),
    files: (tree) =>
      git(mirror, 'ls-tree', '-r', '--name-only', tree)
        .split('\n')
        .map((name) => `${name} ${git(mirror, 'cat-file', 'blob', `${tree}:${name}`)}`),
  };
}

const CHANGES = { 'changed.txt': 'after\n', 'new/file.txt': 'new\n', 'dist/built.js': 'built\n' };
const UNCHANGED = ['.gitignore dist/', 'changed.txt before', 'deleted.txt gone', 'kept.txt kept'];
const CHANGED = ['.gitignore dist/', 'changed.txt after', 'kept.txt kept', 'new/file.txt new'];

test('a snapshot has changed, new and deleted files and no ignored one; the index, HEAD and files of the worktree stay as they were', async () => {
  const { directory, snapshot, files, host, parent } = await scene();
  writeFiles(directory, CHANGES);
  rmSync(path.join(directory, 'deleted.txt'));
  git(directory, 'add', 'new/file.txt');
  const { folder } = await gitFolderOf(host, directory);
  const state = (): readonly unknown[] => [
    readFileSync(path.join(folder, 'index')),
    git(directory, 'rev-parse', 'HEAD'),
    readdirSync(directory, { recursive: true, encoding: 'utf8' })
      .toSorted()
      .map((name) => [name, statSync(path.join(directory, name)).mtimeMs]),
  ];
  const before = state();
  const { tree, leftOut } = await snapshot();
  expect(state()).toEqual(before);
  expect(files(tree)).toEqual(CHANGED);
  expect(leftOut).toEqual([]);
  expect(git(directory, 'rev-parse', 'HEAD')).toBe(parent);
});

test('snapshots follow each other: what is taken back is gone from the next, and an unchanged worktree gives the same tree', async () => {
  const { directory, snapshot, files } = await scene();
  writeFiles(directory, CHANGES);
  rmSync(path.join(directory, 'deleted.txt'));
  const first = await snapshot();
  expect(await snapshot()).toEqual(first);
  git(directory, 'checkout', '--quiet', '.');
  rmSync(path.join(directory, 'new'), { recursive: true });
  expect(files((await snapshot()).tree)).toEqual(UNCHANGED);
});

test('large files and clones of other repositories are left out by name; a large change leaves the file as it was', async () => {
  const { directory, snapshot, files } = await scene();
  writeFiles(directory, { 'new.bin': 'x'.repeat(1001), 'changed.txt': 'y'.repeat(1001), 'fits.bin': 'z'.repeat(1000) });
  writeFiles(path.join(directory, 'clone'), { 'a.txt': 'a\n' });
  git(path.join(directory, 'clone'), 'init', '--quiet');
  git(path.join(directory, 'clone'), 'remote', 'add', 'origin', 'https://example.com/a.git');
  const { tree, leftOut } = await snapshot();
  expect([...leftOut].toSorted()).toEqual(['changed.txt', 'clone', 'new.bin']);
  expect(files(tree)).toEqual([...UNCHANGED.slice(0, 3), `fits.bin ${'z'.repeat(1000)}`, UNCHANGED[3]]);
});

test('files of a repository that the session started inside the worktree are saved, whether it has commits or not', async () => {
  const { directory, snapshot, files } = await scene();
  for (const name of ['one', 'two']) {
    writeFiles(path.join(directory, name), { 'deep/a.txt': `${name}\n` });
    git(path.join(directory, name), 'init', '--quiet');
  }
  git(path.join(directory, 'two'), 'add', '--all');
  git(path.join(directory, 'two'), 'commit', '--quiet', '--message', 'Inside');
  for (let round = 0; round < 2; round += 1) {
    const { tree, leftOut } = await snapshot();
    expect(leftOut).toEqual([]);
    expect(files(tree)).toEqual([...UNCHANGED, 'one/deep/a.txt one', 'two/deep/a.txt two']);
  }
  expect(existsSync(path.join(directory, 'two', '.git'))).toBe(true);
});

test('links and modes are kept; filters, hooks and a broken .git of the session do not matter', async () => {
  const { directory, snapshot, mirror, parent, host } = await scene();
  const proof = path.join(directory, '..', 'ran');
  appendFileSync(
    path.join(mirror, 'config'),
    `[filter "x"]\n\tclean = touch ${proof}\n[core]\n\tfsmonitor = touch ${proof}\n`,
  );
  writeFiles(directory, { '.gitattributes': '* filter=x\n', 'run.sh': 'true\n', 'not-a-repository/.git': 'junk' });
  chmodSync(path.join(directory, 'run.sh'), 0o755);
  symlinkSync('/etc/passwd', path.join(directory, 'link'));
  writeFileSync(path.join(directory, '.git'), 'gitdir: /nonexistent\n');
  const { tree } = await snapshot();
  expect(existsSync(proof)).toBe(false);
  expect(
    git(mirror, 'ls-tree', tree, 'link', 'run.sh')
      .split('\n')
      .map((line) => line.split(' ')[0]),
  ).toEqual(['120000', '100755']);
  const sha = await commitSnapshot(host, { mirror, parent, tree, message: 'Work' }, io);
  expect(git(mirror, 'log', '-1', '--format=%P %s', sha)).toBe(`${parent} Work`);
});

test('restored, the files are those of the snapshot and HEAD and the index those of the start', async () => {
  const { directory, snapshot, host, mirror, parent } = await scene();
  writeFiles(directory, CHANGES);
  rmSync(path.join(directory, 'deleted.txt'));
  const { tree } = await snapshot();
  const sha = await commitSnapshot(host, { mirror, parent, tree, message: 'Work' }, io);
  rmSync(directory, { recursive: true });
  await addWorktree(host, { mirror, directory, commit: parent }, io);
  writeFiles(directory, { 'new/file.txt': 'in the way\n', 'set-up.txt': 'left by set-up\n' });
  for (let round = 0; round < 2; round += 1) {
    await restoreSnapshot(host, { directory, sha }, io);
    expect(git(directory, 'status', '--porcelain', '--untracked-files=all').split('\n')).toEqual([
      'M changed.txt',
      ' D deleted.txt',
      '?? new/file.txt',
      '?? set-up.txt',
    ]);
    expect(readFileSync(path.join(directory, 'new/file.txt'), 'utf8')).toBe('new\n');
    expect(git(directory, 'rev-parse', 'HEAD')).toBe(parent);
  }
});
