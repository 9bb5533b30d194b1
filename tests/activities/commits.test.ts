import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { keepCommit, mirrorWith } from '../../activities/commits.ts';
import type { CommitStore } from '../../activities/commits.ts';
import { commitAll } from '../../activities/git/commit.ts';
import { addWorktree } from '../../activities/git/worktree.ts';
import type { Ports } from '../../activities/ports.ts';
import type { RunRepository } from '../../domain/run.ts';
import { workerConfig } from '../../worker/config.ts';
import { createPorts } from '../../worker/ports.ts';
import { temporaryFolder } from '../support/folder.ts';
import { bareRepository, git } from '../support/repository.ts';

const io = { signal: new AbortController().signal, progress: () => undefined };

function host(home: string): Ports {
  mkdirSync(home, { recursive: true });
  return createPorts(workerConfig({ PATH: process.env['PATH'], SPEC_TO_PR_HOME: home, HOME: home }), {
    name: 'Bot',
    email: 'bot@example.com',
  });
}

/** A commit made and kept on one host, which is destroyed afterwards. */
async function madeElsewhere(withState: boolean) {
  const folder = await temporaryFolder();
  const url = bareRepository(folder, 'api', { 'a.txt': 'one\n' });
  const state = bareRepository(folder, 'state', { 'README.md': 'State of runs\n' });
  const store: CommitStore = {
    key: { workflowId: 'shop/GH-1', firstRunId: '0123456789' },
    workId: 'GH-1',
    remotes: { forge: { kind: 'local', tokenEnv: 'T' }, ...(withState ? { state } : {}) },
  };
  const repository: RunRepository = { key: 'api', url, base: 'main', baseCommit: git(url, 'rev-parse', 'main') };
  const first = host(path.join(folder, 'first'));
  const directory = path.join(folder, 'w');
  const mirror = await mirrorWith(first, { store, repository, commit: repository.baseCommit }, io);
  await addWorktree(first.git, { mirror, directory, commit: repository.baseCommit }, io);
  writeFileSync(path.join(directory, 'b.bin'), Buffer.from([0, 1, 255, 10]));
  const order = { directory, parent: repository.baseCommit, message: 'Work', trailers: {} };
  const { sha } = await commitAll(first.git, order, io);
  await keepCommit(first, { store, repository, step: 'implement-1', sha }, io);
  rmSync(path.join(folder, 'first'), { recursive: true });
  return { folder, url, state, store, repository, sha, second: host(path.join(folder, 'second')) };
}

test('a host that has never seen a commit gets it from the state remote, and the repository itself shows nothing of it', async () => {
  const { url, state, store, repository, sha, second } = await madeElsewhere(true);
  const mirror = await mirrorWith(second, { store, repository, commit: sha }, io);
  expect(git(mirror, 'rev-parse', 'refs/spec-to-pr/GH-1/01234567/implement-1')).toBe(sha);
  expect(git(mirror, 'diff', '--stat', repository.baseCommit, sha)).toContain('b.bin | Bin 0 -> 4 bytes');
  expect(git(state, 'for-each-ref', '--format=%(refname)', 'refs/spec-to-pr')).toBe(
    'refs/spec-to-pr/shop/GH-1/01234567/api/implement-1',
  );
  expect(git(url, 'for-each-ref', '--format=%(refname)')).toBe('refs/heads/main');
});

test('without a state remote the other host says what is missing', async () => {
  const { folder, store, repository, sha, second } = await madeElsewhere(false);
  await expect(mirrorWith(second, { store, repository, commit: sha }, io)).rejects.toThrow(
    `this host lacks commit ${sha.slice(0, 12)} of api: set "state" in spec-to-pr.yaml, so that hosts share the work`,
  );
  expect(existsSync(path.join(folder, 'first'))).toBe(false);
});
