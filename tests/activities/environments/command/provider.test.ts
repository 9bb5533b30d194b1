import { mkdir, readFile, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { command } from '../../../../activities/environments/command/provider.ts';
import { DeployFailed, EngineMissing, EnvironmentFault } from '../../../../activities/environments/errors.ts';
import type { EnvironmentConfig } from '../../../../activities/environments/index.ts';
import { Interruption } from '../../../../activities/io.ts';
import { startTimeOf } from '../../../../activities/process/identity.ts';
import type { CommandSettings, CommandVerb } from '../../../../domain/environment.ts';
import { holdsContract } from '../contract.ts';
import { COMMIT_A, COMMIT_B, ioOf, scene, textsOf, until } from '../scene.ts';
import type { Scene } from '../scene.ts';

const TRACKER = path.resolve(import.meta.dirname, '../../../support/environments/tracker.ts');
const verb = (name: string): string =>
  `"${process.execPath}" --disable-warning=ExperimentalWarning "${TRACKER}" ${name}`;

type Commands = CommandSettings['commands'];

function settingsOf(commands: Commands, changes: Partial<CommandSettings> = {}): CommandSettings {
  return { kind: 'command', directory: '/', env: [], health: {}, seconds: 60, commands, ...changes };
}

holdsContract('command', async (config) => {
  const home = path.join(config.stateHome, 'tracker');
  await mkdir(home);
  const names: readonly CommandVerb[] = ['provision', 'deploy', 'status', 'list', 'logs', 'exec', 'destroy'];
  const commands = Object.fromEntries(names.map((name) => [name, verb(name)]));
  const health = { api: '/healthz' };
  const settings = settingsOf(commands, { directory: config.stateHome, env: ['TRACKER_HOME'], health });
  const known = { ...config, secret: (name: string) => (name === 'TRACKER_HOME' ? home : undefined) };
  return {
    provider: command(known, settings),
    elsewhere: command({ ...known, stateHome: path.join(config.stateHome, 'elsewhere') }, settings),
    goStale: () => writeFile(path.join(home, 'mode'), 'stale'),
    greeting: 'listening\n',
    leftovers: async () => (await readdir(home)).filter((name) => name !== 'mode'),
  };
});

async function attempt(here: Scene, deploy: string, more: Partial<CommandSettings> = {}): Promise<unknown> {
  const provider = command(
    here.config,
    settingsOf({ deploy, destroy: 'true' }, { directory: here.config.stateHome, ...more }),
  );
  return provider.deploy(here.request({ api: '' }), ioOf()).catch((error: unknown) => error);
}

test.each([
  ['a failure of the candidate', 'echo "no table users" >&2; exit 3', DeployFailed, 'no table users'],
  ['a program that is not there', 'no-such-program', EnvironmentFault, 'tool: "deploy" ended with exit code 127'],
  [
    'a provider that is not there',
    'echo "come back later"; exit 75',
    EnvironmentFault,
    'provider: "deploy" ended with exit code 75: come back later',
  ],
  ['a full disk', 'echo "write: no space left on device"; exit 1', EnvironmentFault, 'disk: "deploy" ended'],
  [
    "a refused connection, which may be the candidate's",
    'echo "connect ECONNREFUSED 127.0.0.1:5432"; exit 1',
    DeployFailed,
    'exit code 1',
  ],
  [
    'a state that the contract does not know',
    'echo state=fine',
    EnvironmentFault,
    'provider: "deploy" printed a report whose "state" is none of absent, ',
  ],
  ['broken JSON', `echo '{"state": "ready"'`, EnvironmentFault, 'provider: "deploy" printed broken JSON'],
  [
    'a key that the contract does not know',
    `echo '{"urls": {}}'`,
    EnvironmentFault,
    'provider: "deploy" printed a report whose key "urls" is unknown',
  ],
  [
    'an address that is none',
    'echo address.api=file:///etc/passwd',
    EnvironmentFault,
    '"addresses.api" is no http or https address',
  ],
  ['a commit that is none', 'echo commit.api=main', EnvironmentFault, '"commits.api" is no commit id'],
  ['no commit at all', 'head -c 3000000 /dev/zero | tr "\\0" x', EnvironmentFault, 'named no commit that runs'],
  [
    'another commit',
    `echo commit.api=${COMMIT_B}`,
    Error,
    `runs ${COMMIT_B.slice(0, 11)}… of "api", ${COMMIT_A.slice(0, 12)} was deployed`,
  ],
  [
    'a failed state',
    `echo state=provisioning-failed; echo commit.api=${COMMIT_A}`,
    DeployFailed,
    'is provisioning-failed after "deploy"',
  ],
  ['more time than it has', 'sleep 60 & sleep 60', EnvironmentFault, 'provider: "deploy" did not end within 1 s'],
])('a deploy command that shows %s is told in one line by class', async (shown, run, type, message) => {
  const error = await attempt(await scene(), run, shown.startsWith('more time') ? { seconds: 1 } : {});
  expect(error).toBeInstanceOf(type);
  if (!(error instanceof Error)) throw new Error('not reached');
  expect(error.message).toContain(message);
  expect(error.message.split('\n')).toHaveLength(1);
  expect(error.message.length).toBeLessThan(400);
});

test('commands learn name, owner, commits and worktrees from variables, and nothing of the worker that is not named', async () => {
  const here = await scene();
  const config: EnvironmentConfig = { ...here.config, secret: (name) => `value of ${name}` };
  const run = `env >seen; echo '{"commits": {"api": "${COMMIT_A}"}, "variables": {"DB": "x"}, "addresses": {"api-v2": "http://127.0.0.1:1"}}'`;
  const settings = settingsOf({ deploy: run, destroy: 'true' }, { repository: 'api', env: ['REGISTRY_TOKEN'] });
  const order = here.request({ api: '' });
  const deployment = await command(config, settings).deploy(order, ioOf());
  expect(deployment).toEqual({
    name: order.name,
    commits: order.commits,
    addresses: { 'api-v2': 'http://127.0.0.1:1' },
    variables: { DB: 'x', API_V2_URL: 'http://127.0.0.1:1' },
  });
  const directory = order.directories['api'] ?? '';
  const seen = await readFile(path.join(directory, 'seen'), 'utf8');
  const variables = Object.fromEntries(
    seen
      .trim()
      .split('\n')
      .map((line) => line.split(/=(.*)/).slice(0, 2)),
  );
  const { PWD: _pwd, OLDPWD: _old, SHLVL: _level, _: _last, SPEC_TO_PR_JOB: _job, HOME: home, ...rest } = variables;
  expect(home).toContain(config.stateHome);
  expect(rest).toEqual({
    ...config.environment,
    REGISTRY_TOKEN: 'value of REGISTRY_TOKEN',
    ENVIRONMENT_VERB: 'deploy',
    ENVIRONMENT_NAME: order.name,
    ENVIRONMENT_ID: expect.stringMatching(/^[0-9a-f]{8}$/),
    ENVIRONMENT_SLUG: expect.stringMatching(/^e-shop-spec-1-[0-9a-f]{12}$/),
    ENVIRONMENT_OWNER: order.owner,
    ENVIRONMENT_COMMITS: JSON.stringify(order.commits),
    API_COMMIT: COMMIT_A,
    API_DIR: directory,
  });
});

test("a running environment is resynced to other commits, or swapped when it was another owner's", async () => {
  const here = await scene();
  const say = (name: string): string => `echo ${name} >>done; echo commit.api=$API_COMMIT`;
  const commands = { deploy: say('deploy'), resync: say('resync'), swap_branch: say('swap'), destroy: 'true' };
  const directory = here.config.stateHome;
  const provider = command(here.config, settingsOf(commands, { directory }));
  const order = (commit: string, owner: string) => here.request({ api: '' }, { commits: { api: commit }, owner });
  await provider.deploy(order(COMMIT_A, 'one'), ioOf());
  await provider.deploy(order(COMMIT_B, 'one'), ioOf());
  await provider.deploy(order(COMMIT_B, 'one'), ioOf());
  await provider.deploy(order(COMMIT_A, 'two'), ioOf());
  expect(await readFile(path.join(directory, 'done'), 'utf8')).toBe('deploy\nresync\nswap\n');
});

test('every repository has to be read back, not some of them', async () => {
  const here = await scene();
  const settings = settingsOf(
    { deploy: 'echo commit.api=$API_COMMIT', destroy: 'true' },
    { directory: here.config.stateHome },
  );
  const deployed = command(here.config, settings).deploy(here.request({ api: '', web: '' }), ioOf());
  await expect(deployed).rejects.toThrow('named no commit that runs of web: print commit.<repository>=<id>');
});

test('of a list that knows ids only, each host tells what it made itself', async () => {
  const here = await scene();
  const commands: Commands = {
    deploy: 'echo "$ENVIRONMENT_ID OWNER=$ENVIRONMENT_OWNER STATE=ready" >>envs; echo commit.api=$API_COMMIT',
    list: 'test ! -e envs || cat envs',
    destroy: 'rm envs',
  };
  const directory = here.config.stateHome;
  const order = here.request({ api: '' });
  const provider = command(here.config, settingsOf(commands, { directory }));
  await provider.deploy(order, ioOf());
  expect(await provider.list(ioOf())).toEqual([{ name: order.name, owner: order.owner, state: 'ready' }]);
  const elsewhere = command(
    { ...here.config, stateHome: path.join(directory, 'elsewhere') },
    settingsOf(commands, { directory }),
  );
  expect(await elsewhere.list(ioOf())).toEqual([]);
});

test('a tracker without status is asked by its list, and its passing states are waited through', async () => {
  const here = await scene();
  const directory = here.config.stateHome;
  const line = (state: string): string =>
    `$ENVIRONMENT_ID REPO=shop BRANCH=main STATE=${state} CREATED=1714550400 API_URL=http://127.0.0.1:1`;
  const commands: Commands = {
    provision: `echo "${line('provisioning')}" >envs; (sleep 0.5; echo "${line('ready')}" >envs) >/dev/null 2>&1 &`,
    deploy: `grep -q STATE=ready envs && echo commit.api=$API_COMMIT`,
    list: 'test ! -e envs || cat envs',
    destroy: `echo "${line('deprovisioned')}" >envs`,
    collect_logs: 'echo hello >"$ENVIRONMENT_LOGS/api.log"',
  };
  const provider = command(here.config, settingsOf(commands, { directory }));
  const order = here.request({ api: '' });
  expect(await provider.deploy(order, ioOf())).toMatchObject({ addresses: { api: 'http://127.0.0.1:1' } });
  expect(await provider.status(order.name, ioOf())).toMatchObject({ state: 'ready' });
  expect(await textsOf(provider, { name: order.name, maxBytes: 100 })).toEqual({ api: 'hello\n' });
  expect(await provider.list(ioOf())).toEqual([{ name: order.name, owner: order.owner, state: 'ready' }]);
  await expect(provider.exec({ name: order.name, service: 'api', run: 'true', seconds: 5 }, ioOf())).rejects.toThrow(
    EngineMissing,
  );
  await provider.destroy(order.name, ioOf());
  expect(await provider.status(order.name, ioOf())).toMatchObject({ state: 'deprovisioned' });
});

test('an abort ends the command and all that it started, also what left its process group', async () => {
  const here = await scene();
  const directory = here.config.stateHome;
  const deploy = 'setsid sleep 61 & echo $! >pid; sleep 61';
  const provider = command(here.config, settingsOf({ deploy, destroy: 'true' }, { directory }));
  const controller = new AbortController();
  const call = provider.deploy(here.request({ api: '' }), ioOf(controller)).catch((error: unknown) => error);
  const pidOf = async (): Promise<string> => readFile(path.join(directory, 'pid'), 'utf8').catch(() => '');
  await until(async () => (await pidOf()).endsWith('\n'));
  controller.abort(new Interruption('stop'));
  expect(await call).toBe(controller.signal.reason);
  const pid = Number(await pidOf());
  expect(await startTimeOf(pid)).toBeUndefined();
});

test('what a command leaves running on purpose goes on after it', async () => {
  const here = await scene();
  const directory = here.config.stateHome;
  const deploy = `node -e "setTimeout(() => {}, 60000)" & echo $! >pid; echo commit.api=$API_COMMIT`;
  const provider = command(here.config, settingsOf({ deploy, destroy: 'kill $(cat pid)' }, { directory }));
  const order = here.request({ api: '' });
  await provider.deploy(order, ioOf());
  const pid = Number(await readFile(path.join(directory, 'pid'), 'utf8'));
  expect(await startTimeOf(pid)).toBeDefined();
  await provider.destroy(order.name, ioOf());
  await until(async () => (await startTimeOf(pid)) === undefined);
});

test('a destroy that does not get rid of the environment is a fault, to be tried again', async () => {
  const here = await scene();
  const commands = { deploy: 'true', destroy: 'true', status: 'echo state=ready' };
  const provider = command(here.config, settingsOf(commands, { directory: here.config.stateHome }));
  await expect(provider.destroy('x', ioOf())).rejects.toThrow('provider: the environment is ready after "destroy"');
});
