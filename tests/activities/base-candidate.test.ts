import path from 'node:path';
import { expect, test } from '@jest/globals';
import { baseCandidate } from '../../activities/base-candidate.ts';
import { DEFAULT_LIMITS } from '../../domain/project.ts';
import { workerConfig } from '../../worker/config.ts';
import { createPorts } from '../../worker/ports.ts';
import { temporaryFolder } from '../support/folder.ts';
import { bareRepository, git } from '../support/repository.ts';

const io = { signal: new AbortController().signal, progress: () => undefined };

/** A repository whose branch, tag and base have commits of their own. Gives what an environment at a reference is made of. */
async function scene() {
  const folder = await temporaryFolder();
  const url = bareRepository(folder, 'api', { 'a.txt': 'one\n' });
  const main = git(url, 'rev-parse', 'main');
  const commit = (message: string): string => git(url, 'commit-tree', '-p', main, '-m', message, `${main}^{tree}`);
  const [branch, tagged] = [commit('On a branch'), commit('Tagged')];
  git(url, 'update-ref', 'refs/heads/my/branch', branch);
  git(url, 'tag', '--annotate', '--message', 'Release', 'v1', tagged);
  const home = path.join(folder, 'home');
  const config = workerConfig({ PATH: process.env['PATH'], SPEC_TO_PR_HOME: home, HOME: home });
  const ports = createPorts(config, { name: 'Bot', email: 'bot@example.com' });
  const project = {
    repositories: [{ key: 'api', url, base: 'main', setup: [], checks: [], health: '/' }],
    limits: DEFAULT_LIMITS,
    forge: { kind: 'local' as const, tokenEnv: 'T' },
  };
  const key = { workflowId: 'shop/by-hand/my demo', firstRunId: 'my demo' };
  const at = (reference?: string) =>
    baseCandidate(
      ports,
      { project, key, name: 'my demo', ...(reference === undefined ? {} : { at: { api: reference } }) },
      io,
    );
  return { main, branch, tagged, at };
}

test('an environment is made of the base branch, or of the branch, tag or commit that a person names', async () => {
  const { main, branch, tagged, at } = await scene();
  const made = [
    await at(),
    await at('main'),
    await at('my/branch'),
    await at('v1'),
    await at(branch),
    await at(tagged),
    await at(branch.slice(0, 9)),
  ];
  expect(made.map(({ commits }) => commits['api'])).toEqual([main, main, branch, tagged, branch, tagged, branch]);
});

test.each(['nope', 'no such branch', 'a:b', '--all', 'f'.repeat(40)])('"%s" is told as unknown', async (reference) => {
  const { at } = await scene();
  await expect(at(reference)).rejects.toMatchObject({
    name: 'CommitUnknown',
    message: `the repository "api" has no branch, tag or commit "${reference}"`,
  });
});
