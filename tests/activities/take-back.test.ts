import { rmSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { WorktreeElsewhere } from '../../activities/take-back.ts';
import type { TakeBackInput } from '../../activities/take-back.ts';
import { git, writeFiles } from '../support/repository.ts';
import { commitAll, handedOver } from '../support/takeover.ts';
import type { Scene } from '../support/takeover.ts';

test('commits become an attempt of their author’s, kept on a hidden ref, whatever number they are', async () => {
  const { directory, url, back, order } = await handedOver();
  writeFiles(directory, { 'b.txt': 'b\n' });
  commitAll(directory, 'Add b');
  writeFiles(directory, { 'c/c.txt': 'c\nc\n', ignored: 'x\n' });
  const sha = commitAll(directory, 'Add c');
  expect(await back()).toEqual({
    kind: 'implemented',
    implementation: {
      ...{ by: 'ann', summary: 'api: Add b\napi: Add c', commits: { api: sha }, changed: ['api'] },
      ...{ diffs: { api: { files: 2, insertions: 3, deletions: 0 } }, end: 'done', why: '', sessionId: '' },
      ...{ usd: 0, tokens: 0, turns: 0, seconds: 0 },
      ...{ prompt: { ref: '', sha256: '', bytes: 0 }, transcript: { ref: '', sha256: '', bytes: 0 } },
    },
  });
  expect(git(url, 'for-each-ref', '--format=%(refname)')).toBe('refs/heads/main');
  const again = await back({ by: 'ben' });
  expect(again).toMatchObject({ implementation: { by: 'ben', commits: { api: sha } } });
  expect(order.repositories[0]?.baseCommit).not.toBe(sha);
});

test.each<[string, (scene: Scene) => void, Partial<TakeBackInput>, unknown]>([
  [
    'changes that nobody committed',
    ({ directory }) => writeFiles(directory, { 'new file.txt': '', 'a.txt': 'x' }),
    {},
    'api: not committed: a.txt, new file.txt',
  ],
  [
    'many of them',
    ({ directory }) => writeFiles(directory, Object.fromEntries(Array.from({ length: 12 }, (_, i) => [`f${i}`, '']))),
    {},
    'api: not committed: f0, f1, f10, f11, f2, f3, f4, f5, f6, f7 and 2 more',
  ],
  [
    'another branch',
    ({ directory }) => void git(directory, 'switch', '--quiet', '-c', 'other'),
    {},
    'api: other is checked out, not spec-to-pr/GH-1',
  ],
  [
    'no branch',
    ({ directory }) => void git(directory, 'switch', '--quiet', '--detach'),
    {},
    'api: no branch is checked out, not spec-to-pr/GH-1',
  ],
  [
    'nothing new',
    () => undefined,
    {},
    'nothing was committed since the hand-over: commit it, or answer retry to leave it to the agent',
  ],
  [
    'a commit that changes nothing',
    ({ directory }) => void git(directory, 'commit', '--quiet', '--allow-empty', '--message', 'x'),
    {},
    'the commits change nothing of what the base branches have',
  ],
  [
    'a clone that was deleted',
    ({ directory }) => rmSync(directory, { recursive: true }),
    {},
    expect.stringMatching(/^api: .* is gone: push the branch and name it by --at$/),
  ],
  ['a branch that nobody pushed', () => undefined, { refs: { api: 'fix' } }, 'api: there is no fix: push it first'],
  [
    'an unknown commit',
    () => undefined,
    { refs: { api: 'e'.repeat(40) } },
    `api: there is no ${'e'.repeat(40)}: push it first`,
  ],
])('%s: the run stays with the person, and why is said', async (_, change, changes, why) => {
  const made = await handedOver();
  change(made);
  expect(await made.back(changes)).toEqual({ kind: 'not_taken_back', why });
});

test('commits that do not build on the base are not taken', async () => {
  const { directory, back } = await handedOver();
  git(directory, 'checkout', '--quiet', '--orphan', 'orphan');
  commitAll(directory, 'Start anew');
  git(directory, 'branch', '--force', 'spec-to-pr/GH-1');
  git(directory, 'switch', '--quiet', 'spec-to-pr/GH-1');
  expect(await back()).toEqual({
    kind: 'not_taken_back',
    why: expect.stringMatching(/^api: [0-9a-f]{12} does not build on the base [0-9a-f]{12}$/),
  });
});

test('a branch, an annotated tag or a commit of the repository is taken by name, and the clone is not looked at', async () => {
  const { directory, back } = await handedOver();
  writeFiles(directory, { 'b.txt': 'b\n' });
  const sha = commitAll(directory, 'Add b');
  git(directory, 'tag', '--annotate', '--message', 'v', 'v1');
  git(directory, 'push', '--quiet', 'origin', 'HEAD:refs/heads/ann/fix', 'v1');
  writeFiles(directory, { 'unfinished.txt': '' });
  for (const ref of ['ann/fix', 'v1', sha])
    expect(await back({ refs: { api: ref } })).toMatchObject({ implementation: { commits: { api: sha } } });
});

test('a clone on another host is an error, so that a retry may reach that host', async () => {
  const { takeover, back, directory } = await handedOver();
  expect(takeover.host).toMatch(/-[0-9a-f]{8}$/);
  rmSync(directory, { recursive: true });
  await expect(back({ takeover: { ...takeover, host: 'another' } })).rejects.toThrow(WorktreeElsewhere);
});
