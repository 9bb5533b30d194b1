import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { openCandidate, setUpRepository } from '../../activities/candidate.ts';
import type { Candidate } from '../../activities/candidate.ts';
import { gitFolderOf } from '../../activities/git/worktree.ts';
import type { Ports } from '../../activities/ports.ts';
import { SERVER, candidacy, io } from '../support/candidacy.ts';
import { temporaryFolder } from '../support/folder.ts';
import { git } from '../support/repository.ts';

interface Scene {
  readonly ports: Ports;
  readonly input: Candidate;
  /** Opens the worktree of the repository `api` and sets it up; gives the worktree. */
  open(candidate?: Partial<Candidate>): Promise<string>;
  /** How often the set-up has run. */
  times(): Promise<number>;
}

async function scene(...setup: string[]): Promise<Scene> {
  const { ports, input } = await candidacy({ kind: 'none' }, SERVER);
  const count = path.join(await temporaryFolder(), 'count');
  return {
    ...{ ports, input },
    async open(changes = {}) {
      const candidate = { ...input, ...changes };
      const directory = (await openCandidate(ports, candidate, io))['api'] ?? '';
      const repository = { ...candidate.repositories.find(({ key }) => key === 'api')! };
      const order = { candidate, repository: { ...repository, setup: [...setup, `echo x >> ${count}`] }, directory };
      expect(await setUpRepository(ports, order, io)).toBeUndefined();
      return directory;
    },
    times: async () => (await readFile(count, 'utf8')).length / 2,
  };
}

const IGNORED = `echo /deps > "$(git rev-parse --git-common-dir)/info/exclude"; mkdir -p deps; echo library > deps/a`;

test('what a set-up made and git ignores stays when the worktree is opened again, and it does not run again', async () => {
  const { open, times } = await scene(IGNORED);
  const directory = await open();
  await writeFile(path.join(directory, 'report.xml'), 'of a check');
  await open();
  expect([await readFile(path.join(directory, 'deps/a'), 'utf8'), await times()]).toEqual(['library\n', 1]);
});

test.each([
  ['a new file', 'echo new > generated.txt', 'generated.txt', 'new\n'],
  ['a change of a file', 'echo new > tracked.txt', 'tracked.txt', 'new\n'],
])(
  '%s that a set-up made and git does not ignore is there again when the worktree is opened again',
  async (...given) => {
    const [, command, file, content] = given;
    const { open, times } = await scene(command);
    await open();
    const directory = await open();
    expect([await readFile(path.join(directory, file), 'utf8'), await times()]).toEqual([content, 2]);
  },
);

test('a worktree that had to be made anew, or that holds another commit, is set up again', async () => {
  const { open, times, ports, input } = await scene(IGNORED);
  const directory = await open();
  // What a git that was killed leaves.
  await writeFile(path.join((await gitFolderOf(ports.git, directory)).folder, 'index.lock'), '');
  await open();
  expect([await readFile(path.join(directory, 'deps/a'), 'utf8'), await times()]).toEqual(['library\n', 2]);
  const api = input.pinned.find(({ key }) => key === 'api')!;
  const author = ['-c', 'user.name=Ann', '-c', 'user.email=ann@example.com'];
  const commit = git(api.url, ...author, 'commit-tree', 'main^{tree}', '-p', 'main', '-m', 'Other');
  git(api.url, 'branch', 'other', commit);
  await open({ commits: { ...input.commits, api: commit } });
  expect(await times()).toBe(3);
});
