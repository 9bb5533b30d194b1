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
  await cli('down');
  await rm(shop, { recursive: true, force: true });
});

interface Told {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

const env = (...words: string[]): Promise<Told> => cli('env', ...words);

async function cli(...words: string[]): Promise<Told> {
  const { exitCode, stdout, stderr } = await execa(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', CLI, ...words],
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
  const owner = 'shop/by-hand/demo';
  const lease = { name: 'demo', owner, seconds: 4 * 3600, until: expect.any(Number), stage: 'held', why: '' };
  expect(await json('list')).toEqual([{ name: 'demo', owner: expect.stringMatching(`^[0-9a-f]{8}/${owner}$`), lease }]);
  expect(await json('extend', 'demo', '--ttl', '2h')).toEqual({
    name: 'demo',
    lease: { ...lease, seconds: 2 * 3600 },
  });
  expect(await json('exec', 'demo', '--service', 'api', '--run', 'echo out; exit 3')).toMatchObject({
    exitCode: 3,
    stdout: 'out\n',
  });
  expect(await json('e2e', 'demo')).toMatchObject({ result: 'passed', examined: 3, commits });
  expect(await env('destroy', 'demo')).toMatchObject({ code: 0, out: 'demo is gone.' });
  expect(await json('status', 'demo')).toMatchObject({ state: 'absent' });
  expect(await json('list')).toEqual([]);
  expect(await env('extend', 'demo')).toMatchObject({ code: 2, err: 'no lease holds demo' });
}, 240_000);

test('an environment made by hand is gone when its time is up', async () => {
  expect(await json('deploy', 'brief', '--ttl', '3s')).toMatchObject({ name: 'brief' });
  while (((await json('list')) as readonly unknown[]).length > 0)
    await new Promise((resolve) => setTimeout(resolve, 500));
  expect(await json('status', 'brief')).toMatchObject({ state: 'absent' });
}, 120_000);

test.each([
  [['bogus'], 2, /env bogus is unknown: use list, status/],
  [['status'], 2, /env status needs the environment's name/],
  [
    ['deploy', 'demo', '--ttl', 'soon'],
    2,
    /--ttl takes a number of seconds, minutes, hours or days, such as 90s.*not "soon"/,
  ],
  [['exec', 'demo'], 2, /env exec needs --service/],
  [['deploy', 'demo', '--at', 'apj=main'], 2, /--at takes <repository>=.*not "apj=main" \(repositories: api, web\)/],
  [['deploy', 'demo', '--at', 'api=nope'], 1, /the repository "api" has no branch, tag or commit "nope"/],
])('env %j is refused by one sentence', async (words, code, sentence) => {
  const told = await env(...words);
  expect([told.code, told.out]).toEqual([code, '']);
  expect(told.err).toMatch(sentence);
});
