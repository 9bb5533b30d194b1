import { rm } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { DeployStale } from '../../../../activities/environments/errors.ts';
import { git } from '../../../support/repository.ts';
import { COMMIT_A, COMMIT_B, START, ioOf, scene } from '../scene.ts';

const WRITES = `node -e "require('fs').writeFileSync('package.json', '{ \\"type\\": \\"module\\", \\"port\\": ' + process.env.PORT + ' }')"; exec node server.js`;

test('what is checked out below running services is read back; what they write into their files is theirs', async () => {
  const { provider, request } = await scene();
  const order = request({ api: WRITES, web: START.good });
  const { variables } = await provider.deploy(order, ioOf());
  const commits = async (): Promise<unknown> => {
    const status = await provider.status(order.name, ioOf());
    expect([status.state, status.deployed]).toEqual(['ready', { commits: order.commits, variables }]);
    return status.commits;
  };
  const [api = '', web = ''] = Object.values(order.directories);
  expect(git(api, 'status', '--porcelain')).toBe('M package.json');
  expect(await commits()).toEqual({ api: COMMIT_A, web: COMMIT_A });
  git(api, 'checkout', '--quiet', '--detach', COMMIT_B);
  expect(await commits()).toEqual({ api: COMMIT_B, web: COMMIT_A });
  git(web, 'rm', '--quiet', '--cached', 'package.json');
  expect(await commits()).toEqual({ api: COMMIT_B, web: 'other files' });
  await rm(path.join(web, '.git'), { recursive: true });
  git(api, 'checkout', '--quiet', '--detach', COMMIT_A);
  expect(await commits()).toEqual({ api: COMMIT_A });
});

test('files that set-up has staged are those of the deployment', async () => {
  const { provider, request } = await scene();
  const order = request({ api: START.good });
  git(order.directories['api'] ?? '', 'rm', '--quiet', '--cached', 'package.json');
  expect((await provider.deploy(order, ioOf())).commits).toEqual({ api: COMMIT_A });
  expect((await provider.status(order.name, ioOf())).commits).toEqual({ api: COMMIT_A });
});

test('a service that starts from another commit than its folder was given is a stale deployment, and nothing of it runs on', async () => {
  const { provider, request, running } = await scene();
  const order = request({ api: `git checkout --quiet --detach ${COMMIT_B}; ${START.good}` });
  const error = await provider.deploy(order, ioOf()).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(DeployStale);
  expect(error).toMatchObject({
    message: `environment "${order.name}" runs ${COMMIT_B.slice(0, 11)}… of "api", ${COMMIT_A.slice(0, 12)} was deployed`,
  });
  expect(await running()).toEqual([]);
});
