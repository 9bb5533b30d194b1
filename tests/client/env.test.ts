import { existsSync } from 'node:fs';
import { mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { execa } from 'execa';
import { environmentId } from '../../activities/environments/variables.ts';
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
    {
      cwd: shop,
      reject: false,
      env: { SPEC_TO_PR_HOME: path.join(shop, 'home'), SHOP_PASSWORD: 'hunter22', NODE_OPTIONS: '' },
    },
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
  const lease = {
    name: 'demo',
    owner,
    seconds: 4 * 3600,
    until: expect.any(Number),
    hosts: [expect.any(String)],
    stage: 'held',
    why: '',
  };
  expect(await json('list')).toEqual([{ name: 'demo', owner: expect.stringMatching(`^[0-9a-f]{8}/${owner}$`), lease }]);
  expect(await json('extend', 'demo', '--ttl', '2h')).toEqual({
    name: 'demo',
    lease: { ...lease, seconds: 2 * 3600 },
  });
  expect(await json('exec', 'demo', '--service', 'api', '--run', 'echo out; exit 3')).toMatchObject({
    exitCode: 3,
    stdout: 'out\n',
    timedOut: false,
  });
  const slow = ['exec', 'demo', '--service', 'api', '--run', 'echo out; sleep 60', '--project', await hasty()];
  expect(await env(...slow)).toEqual({
    ...{ code: 1, err: '' },
    out: 'out\nThe command was ended after 2 s: limits.check_minutes is its time.',
  });
  expect(await json('e2e', 'demo')).toMatchObject({ result: 'passed', examined: 3, commits });
  expect(await env('destroy', 'demo')).toMatchObject({ code: 0, out: 'demo is gone.' });
  expect(await json('status', 'demo')).toMatchObject({ state: 'absent' });
  expect(await json('list')).toEqual([]);
  expect(await env('extend', 'demo')).toMatchObject({ code: 2, err: 'no lease holds demo' });
}, 240_000);

/** The shop with next to no time for a command. */
async function hasty(): Promise<string> {
  const file = path.join(shop, 'hasty.yaml');
  const text = await readFile(path.join(shop, 'spec-to-pr.yaml'), 'utf8');
  await writeFile(file, text.replace('limits: {', 'limits: { check_minutes: 0.03,'));
  return file;
}

const TRACKER = {
  deploy:
    'echo "$ENVIRONMENT_ID STATE=ready" >up; echo commit.api=$API_COMMIT; echo commit.web=$WEB_COMMIT; echo variable.DB_URL=pg://db',
  list: 'test ! -e up || cat up',
  destroy: 'rm -f up',
  logs: 'echo "the password is $SHOP_PASSWORD"; echo "$ENVIRONMENT_LOGS_SINCE" >since',
};

/** The shop with a tracker of environments of its own, and a suite that needs what a deployment tells. */
async function tracked(): Promise<string> {
  const file = path.join(shop, 'tracked.yaml');
  const text = await readFile(path.join(shop, 'spec-to-pr.yaml'), 'utf8');
  const environment = `environment: ${JSON.stringify({ kind: 'command', env: ['SHOP_PASSWORD'], commands: TRACKER })}`;
  const suite = `test "$DB_URL" = pg://db && printf '<testsuite><testcase name="a"/></testsuite>' >e2e.xml`;
  const e2e = `e2e: ${JSON.stringify({ repository: 'web', run: suite, report: 'e2e.xml' })}`;
  await writeFile(file, text.replace(/environment: .*/, environment).replace(/e2e: .*/, e2e));
  return file;
}

/** A branch of the api with another commit than `main`. */
function branchOf(name: string): string {
  const api = path.join(shop, 'api.git');
  const author = ['-c', 'user.name=Shop', '-c', 'user.email=shop@example.com'];
  const commit = git(api, ...author, 'commit-tree', 'main^{tree}', '-p', 'main', '-m', name);
  git(api, 'branch', name, commit);
  return commit;
}

test('a suite by hand gets the variables of the deployment, judges only what runs, and secrets stay out of what is told', async () => {
  const project = ['--project', await tracked()];
  expect(await json('deploy', 'tracked', ...project)).toMatchObject({ variables: { DB_URL: 'pg://db' } });
  expect(await json('e2e', 'tracked', ...project)).toMatchObject({ result: 'passed', examined: 1 });
  const other = branchOf('other');
  const main = git(path.join(shop, 'api.git'), 'rev-parse', 'main');
  const told = await env('e2e', 'tracked', '--at', 'api=other', ...project);
  expect([told.code, told.out]).toEqual([2, '']);
  expect(told.err).toContain(
    `the environment "tracked" runs ${main.slice(0, 12)} of "api", and "other" is ${other.slice(0, 12)}: deploy it first`,
  );
  expect(await json('logs', 'tracked', ...project)).toEqual({ environment: 'the password is [redacted]\n' });
  expect((await env('status', 'tracked', ...project)).out).toMatch(/^tracked: ready\nlease: until /);
  expect(await env('e2e', 'nosuch', ...project)).toMatchObject({ code: 2, out: '' });
  expect(await env('destroy', 'tracked', ...project)).toMatchObject({ code: 0, out: 'tracked is gone.' });
  expect(await env('destroy', 'tracked', ...project)).toMatchObject({ out: 'There was no environment tracked.' });
}, 120_000);

test('settings that lead elsewhere are refused while an environment is held, and both are taken away', async () => {
  const project = ['--project', await tracked()];
  expect(await json('deploy', 'moved')).toMatchObject({ name: 'moved' });
  const refused = await env('deploy', 'moved', ...project);
  expect([refused.code, refused.out]).toEqual([2, '']);
  expect(refused.err).toContain('moved was made by other settings (process)');
  await writeFile(path.join(shop, 'up'), `${environmentId('moved')} STATE=ready\n`);
  expect(await env('destroy', 'moved', ...project)).toMatchObject({ code: 0, out: 'moved is gone.' });
  expect(existsSync(path.join(shop, 'up'))).toBe(false);
  expect(await json('status', 'moved')).toMatchObject({ state: 'absent' });
}, 120_000);

test.each(['provision', 'deploy'])(
  'a commit that is not there is told by %s before anything is held',
  async (action) => {
    const told = await env(action, 'mistyped', '--at', 'api=nowhere');
    expect([told.code, told.out]).toEqual([1, '']);
    expect(told.err).toContain('the repository "api" has no branch, tag or commit "nowhere"');
    expect(await env('extend', 'mistyped')).toMatchObject({ code: 2, err: 'no lease holds mistyped' });
  },
  120_000,
);

test('logs are wanted from a time on, which is a date or so long ago', async () => {
  const project = ['--project', await tracked()];
  await writeFile(path.join(shop, 'up'), `${environmentId('seen')} STATE=ready\n`);
  const sinceOf = async (...since: string[]): Promise<string> => {
    expect(await json('logs', 'seen', ...since, ...project)).toEqual({ environment: 'the password is [redacted]\n' });
    return (await readFile(path.join(shop, 'since'), 'utf8')).trim();
  };
  expect(await sinceOf()).toBe('');
  expect(await sinceOf('--since', '2026-01-31T10:00:00+01:00')).toBe('2026-01-31T09:00:00.000Z');
  const before = Date.now();
  const at = Date.parse(await sinceOf('--since', '10m')) + 600_000;
  expect(before <= at && at <= Date.now()).toBe(true);
  await rm(path.join(shop, 'up'));
}, 120_000);

test('an environment made by hand is gone when its time is up', async () => {
  expect(await json('deploy', 'brief', '--ttl', '3s')).toMatchObject({ name: 'brief' });
  while (((await json('list')) as readonly unknown[]).length > 0)
    await new Promise((resolve) => setTimeout(resolve, 500));
  expect(await json('status', 'brief')).toMatchObject({ state: 'absent' });
}, 120_000);

test.each([
  [['logs', 'demo', '--since', 'yesterday'], 2, /--since takes a number of seconds, .*, or a date such as/],
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
