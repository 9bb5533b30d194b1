import path from 'node:path';
import { expect, test } from '@jest/globals';
import { runFolder } from '../../activities/folders.ts';
import { parseProject } from '../../formats/project.ts';
import { byHand } from '../../worker/by-hand.ts';
import { SERVER, io } from '../support/candidacy.ts';
import { temporaryFolder } from '../support/folder.ts';
import { bareRepository, git } from '../support/repository.ts';

test('a suite by hand judges what was deployed, and is not run when something else is checked out there since', async () => {
  const directory = await temporaryFolder();
  bareRepository(directory, 'api', { 'server.cjs': SERVER });
  const text = `project: shop
repositories: { api: { url: ./api.git, start: node server.cjs } }
gates: [e2e]
environment: process
e2e: { repository: api, run: 'true' }
`;
  const project = parseProject({ text, name: 'p.yaml', directory });
  const home = path.join(directory, 'home');
  const environment = { PATH: process.env['PATH'], SPEC_TO_PR_HOME: home, HOME: home };
  const hand = await byHand(project, { environment, client: undefined, io });
  await hand.deploy('demo', await hand.find('demo', {}), 600);
  const passed = await hand.e2e('demo', {});
  const folder = path.join(runFolder(home, hand.worktreesOf('demo')), 'candidate-1', 'api');
  git(folder, 'commit', '--quiet', '--allow-empty', '--message', 'Other');
  const stale = await hand.e2e('demo', {});
  await hand.destroy('demo');
  expect([passed.result, stale.result, stale.failureClass]).toEqual(['passed', 'not_run', 'deploy_stale']);
  expect(stale.commits).toEqual(passed.commits);
});
