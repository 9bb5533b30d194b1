import path from 'node:path';
import { expect, test } from '@jest/globals';
import { sameTree } from '../../../activities/git/same-tree.ts';
import { temporaryFolder } from '../../support/folder.ts';
import { bareRepository, git } from '../../support/repository.ts';

test('a commit with the files of an earlier one is that one; one that is alone, or whose equal is not here, is itself', async () => {
  const folder = await temporaryFolder();
  const mirror = bareRepository(folder, 'api', { 'a.txt': 'one\n' });
  const host = {
    home: path.join(folder, 'home'),
    path: process.env['PATH'] ?? '',
    identity: { name: 'Bot', email: 'bot@example.com' },
  };
  const base = git(mirror, 'rev-parse', 'main');
  const empty = git(mirror, 'hash-object', '-t', 'tree', '-w', '/dev/null');
  const commit = (tree: string, message: string): string => git(mirror, 'commit-tree', tree, '-p', base, '-m', message);
  const [first, other, again] = [commit(empty, 'one'), commit(`${base}^{tree}`, 'two'), commit(empty, 'three')];
  const found = (among: readonly string[]): Promise<string> =>
    sameTree(host, { mirror, sha: again, among }, { signal: new AbortController().signal });
  expect(await found([other, first, again])).toBe(first);
  expect(await found([other, 'a'.repeat(40)])).toBe(again);
});
