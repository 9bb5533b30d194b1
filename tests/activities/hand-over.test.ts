import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { handOver, removePublished } from '../../activities/hand-over.ts';
import { git, writeFiles } from '../support/repository.ts';
import { plannedRun } from '../support/run.ts';
import { commitAll, handedOver, io } from '../support/takeover.ts';

test('a hand-over that is done again leaves alone what a person has done since', async () => {
  const { ports, order, takeover, directory } = await handedOver();
  writeFileSync(path.join(directory, 'a.txt'), 'mine\n');
  expect(await handOver(ports, order, io)).toEqual({ kind: 'handed_over', takeover });
  expect(readFileSync(path.join(directory, 'a.txt'), 'utf8')).toBe('mine\n');
});

test.each<[string, (directory: string) => void, boolean]>([
  ['what is published and ignored files', (at) => writeFiles(at, { ignored: 'x' }), false],
  ['an uncommitted file', (at) => writeFiles(at, { 'new.txt': 'x' }), true],
  [
    'a stash',
    (at) => {
      writeFiles(at, { 'a.txt': 'two\n' });
      git(at, 'stash', '--quiet');
    },
    true,
  ],
  [
    'a commit on another branch',
    (at) => {
      git(at, 'switch', '--quiet', '-c', 'idea');
      git(at, 'commit', '--quiet', '--allow-empty', '--message', 'Idea');
      git(at, 'switch', '--quiet', 'spec-to-pr/GH-1');
    },
    true,
  ],
  [
    'a commit after the one that was given back',
    (at) => void git(at, 'commit', '--quiet', '--allow-empty', '--message', 'Later'),
    true,
  ],
])('after a completed run a clone with %s stays: %p', async (_, change, stays) => {
  const { ports, order, directory, back } = await handedOver();
  writeFiles(directory, { 'b.txt': 'b\n' });
  const headSha = commitAll(directory, 'Add b');
  await back();
  change(directory);
  const pullRequest = { repository: 'api', number: 1, url: '', headSha, draft: false };
  const run = { ...plannedRun(), key: order.key, repositories: order.repositories, pullRequests: [pullRequest] };
  await removePublished(ports, run, io);
  expect([existsSync(directory), existsSync(path.dirname(path.dirname(directory)))]).toEqual([stays, stays]);
});
