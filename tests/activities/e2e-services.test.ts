import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { deploy } from '../../activities/deploy.ts';
import { e2e } from '../../activities/e2e.ts';
import { runFolder } from '../../activities/folders.ts';
import { release } from '../../activities/release.ts';
import type { EnvironmentChoice } from '../../domain/environment.ts';
import type { EndToEnd } from '../../domain/project.ts';
import { SERVER, candidacy, io, up } from '../support/candidacy.ts';
import { temporaryFolder } from '../support/folder.ts';

const SUITE: EndToEnd = { repository: 'api', reports: ['r.xml'], minTests: 1, reruns: 0, run: 'true' };

const STORE = `const { readFileSync, writeFileSync } = require('node:fs');
writeFileSync('store.json', '["ann"]');
writeFileSync('tracked.txt', 'of the service');
require('node:http').createServer((q, r) => r.end(readFileSync('store.json', 'utf8') + readFileSync('tracked.txt', 'utf8'))).listen(process.env.PORT, '127.0.0.1');`;

test('a suite runs beside the services: what these have written stays, and the suite has the commit as it is', async () => {
  const shown = await candidacy({ kind: 'process' }, STORE);
  const { ports, input } = shown;
  const deployment = await up(shown);
  const suite = {
    ...SUITE,
    reports: [],
    run: 'test ! -e store.json && curl -sf "$API_URL" | grep "annx*.*of the service"',
  };
  const result = await e2e(ports, { ...input, e2e: suite, deployment }, io);
  const again = await e2e(ports, { ...input, e2e: suite, deployment: await up(shown) }, io);
  await release(ports, input, io);
  expect([result.why, result.result, again.result]).toEqual(['', 'passed', 'passed']);
});

test('what is set up for services is not set up again under them while they are up', async () => {
  const shown = await candidacy({ kind: 'process' }, SERVER);
  const count = path.join(await temporaryFolder(), 'count');
  const repositories = shown.input.repositories.map((one) => ({ ...one, setup: [`echo ${one.key} >> ${count}`] }));
  const order = { ...shown, input: { ...shown.input, repositories } };
  const first = await up(order);
  const second = await up(order);
  await release(order.ports, order.input, io);
  expect([second, await readFile(count, 'utf8')]).toEqual([first, 'db\napi\n']);
});

const CRASHING = `require('node:http').createServer((q, r) => {
  r.end('ok');
  if (q.url === '/crash') setTimeout(() => { throw new TypeError('cart is undefined'); }, 50);
}).listen(process.env.PORT, '127.0.0.1');`;
const caseOf = (name: string, failure = ''): string =>
  `<testcase classname="s" name="${name}">${failure === '' ? '' : `<failure message="${failure}"/>`}</testcase>`;
const reporting = (before: string, ...cases: string[]): EndToEnd => ({
  ...SUITE,
  run: `${before}; echo "<testsuite tests='${cases.length}'>${cases.join('').replaceAll('"', String.raw`\"`)}</testsuite>" > r.xml; exit 1`,
});
const DEAD = 'curl -s "$API_URL/crash"; while curl -s "$API_URL" > /dev/null; do sleep 0.05; done';

test.each([
  ['refused connections', caseOf('pays', 'TypeError: fetch failed, cause: ECONNREFUSED')],
  ['a failing test', caseOf('pays', 'expected 200, got nothing')],
])('a service that dies while a suite turns red by %s is the failure, with the end of its log', async (_by, red) => {
  const shown = await candidacy({ kind: 'process' }, CRASHING);
  const { ports, input } = shown;
  const order = { ...input, e2e: reporting(DEAD, caseOf('starts'), red), deployment: await up(shown) };
  const result = await e2e(ports, order, io);
  await release(ports, input, io);
  expect([result.result, result.failureClass, result.fingerprint.length]).toEqual(['failed', 'test_failure', 32]);
  expect(result.why).toContain('the service api is not well any more (dead), while the tests ran');
  expect(result.findings[0]).toMatchObject({
    ...{ id: 'api:service', where: 'api', evidence: expect.stringContaining('cart is undefined') },
  });
  expect(result.findings.map(({ title }) => title)).toContain('s > pays');
});

test('a service that lives and refuses its own address is no fault of the host; another host that refuses is', async () => {
  const shown = await candidacy({ kind: 'process' }, SERVER);
  const { ports, input } = shown;
  const deployment = await up(shown);
  const host = new URL(deployment.addresses['api'] ?? '').host;
  const classOf = async (message: string): Promise<unknown> =>
    (await e2e(ports, { ...input, e2e: reporting(':', caseOf('pays', message)), deployment }, io)).failureClass;
  const classes = [await classOf(`connect ECONNREFUSED ${host}`), await classOf('connect ECONNREFUSED 10.1.2.3:5432')];
  await release(ports, input, io);
  expect(classes).toEqual(['test_failure', 'infra']);
});

test('a suite after which the environment runs other commits has shown nothing', async () => {
  const folder = await temporaryFolder();
  const other = '1'.repeat(40);
  const choice: EnvironmentChoice = {
    ...{ kind: 'command', directory: folder, env: [], health: {}, seconds: 30 },
    commands: {
      ...{ deploy: 'echo commit.db=$DB_COMMIT; echo commit.api=$API_COMMIT', destroy: 'true' },
      status: `echo state=ready; echo commit.api=$([ -e ${folder}/swapped ] && echo ${other} || echo $API_COMMIT)`,
    },
  };
  const shown = await candidacy(choice, SERVER);
  const { ports, input } = shown;
  const suite = { ...SUITE, reports: [], run: `touch ${folder}/swapped` };
  const result = await e2e(ports, { ...input, e2e: suite, deployment: await up(shown) }, io);
  expect([result.result, result.failureClass]).toEqual(['not_run', 'deploy_stale']);
  expect(result.why).toContain('runs 11111111111… of "api"');
});

test('a suite while which somebody checks another commit out below a service has shown nothing, and the next is not run', async () => {
  const shown = await candidacy({ kind: 'process' }, STORE);
  const { ports, input } = shown;
  const directory = path.join(runFolder(ports.home, input.key), 'candidate-1', 'api');
  const commit = `git -C '${directory}' -c user.name=Ann -c user.email=ann@example.com commit --quiet --allow-empty --message Other`;
  const suite = reporting(commit, caseOf('pays', 'expected 200, got 404'));
  const order = { ...input, e2e: suite, deployment: await up(shown) };
  const [swapped, next] = [await e2e(ports, order, io), await e2e(ports, order, io)];
  await release(ports, input, io);
  for (const result of [swapped, next]) {
    expect(result).toMatchObject({ result: 'not_run', failureClass: 'deploy_stale', tests: null, findings: [] });
    expect(result.why).toMatch(/ runs [0-9a-f]{11}… of "api", [0-9a-f]{12} was deployed$/);
  }
  const kept = [swapped, next].map(({ artifacts }) => artifacts.some(({ ref }) => ref.endsWith('r.xml')));
  expect(kept).toEqual([true, false]);
});

test('an environment that could not be brought up says so for as long as it is there, and no suite is run in it', async () => {
  const { ports, input } = await candidacy({ kind: 'process' });
  expect(await deploy(ports, input, io)).toMatchObject({ kind: 'failed' });
  const { state, services } = await ports.environment({ kind: 'process' }).status(input.name, io);
  expect([state, services]).toEqual(['provisioning-failed', { api: 'missing', db: 'missing' }]);
  const deployment = { name: input.name, commits: input.commits, addresses: {}, variables: {} };
  const result = await e2e(ports, { ...input, e2e: { ...SUITE, reports: [], run: 'true' }, deployment }, io);
  await release(ports, input, io);
  expect([result.result, result.failureClass]).toEqual(['not_run', 'env_sick']);
});
