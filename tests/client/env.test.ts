import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { execa } from 'execa';
import { prepareShop } from '../../examples/prepare.ts';
import { git } from '../support/repository.ts';

const CLI = path.resolve(import.meta.dirname, '../../client/main.ts');
let shop = '';

beforeAll(async () => {
  shop = await realpath(await mkdtemp(path.join(tmpdir(), 'spec-to-pr-env-')));
  await prepareShop(shop);
});

afterAll(async () => {
  await env('destroy', 'demo');
  await rm(shop, { recursive: true, force: true });
});

async function env(...words: string[]): Promise<{ code: number; out: string; err: string }> {
  const { exitCode, stdout, stderr } = await execa(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', CLI, 'env', ...words],
    { cwd: shop, reject: false, env: { SPEC_TO_PR_HOME: path.join(shop, 'home'), NODE_OPTIONS: '' } },
  );
  return { code: exitCode ?? -1, out: stdout, err: stderr };
}

const json = async (...words: string[]): Promise<unknown> => JSON.parse((await env(...words, '--json')).out);

test('an environment is deployed, looked at, used, tested and taken away without a run', async () => {
  const commits = Object.fromEntries(
    ['api', 'web'].map((key) => [key, git(path.join(shop, `${key}.git`), 'rev-parse', 'main')]),
  );
  const deployed = await json('deploy', 'demo');
  expect(deployed).toMatchObject({ name: 'demo', commits, variables: { API_URL: expect.stringMatching(/^http:/) } });
  expect(await json('deploy', 'demo')).toEqual(deployed);
  expect(await json('status', 'demo')).toMatchObject({ state: 'ready', commits, services: { api: 'healthy' } });
  expect(await json('list')).toEqual([{ name: 'demo', owner: 'shop/by-hand/demo' }]);
  expect(await json('exec', 'demo', '--service', 'api', '--run', 'echo out; exit 3')).toMatchObject({
    exitCode: 3,
    stdout: 'out\n',
  });
  expect(await json('e2e', 'demo')).toMatchObject({ result: 'passed', examined: 3, commits });
  expect(await env('destroy', 'demo')).toMatchObject({ code: 0, out: 'demo is gone.' });
  expect(await json('status', 'demo')).toMatchObject({ state: 'absent' });
  expect(await json('list')).toEqual([]);
}, 120_000);

test.each([
  [['bogus'], 2, /env bogus is unknown: use list, status/],
  [['status'], 2, /env status needs the environment's name/],
  [['exec', 'demo'], 2, /env exec needs --service/],
  [['deploy', 'demo', '--at', 'apj=main'], 2, /--at takes <repository>=.*not "apj=main" \(repositories: api, web\)/],
  [['deploy', 'demo', '--at', 'api=nope'], 1, /the repository "api" has no branch, tag or commit "nope"/],
])('env %j is refused by one sentence', async (words, code, sentence) => {
  const told = await env(...words);
  expect([told.code, told.out]).toEqual([code, '']);
  expect(told.err).toMatch(sentence);
});
