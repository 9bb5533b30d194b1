import { readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { compose } from '../../../../activities/environments/compose/provider.ts';
import { DeployFailed, EngineMissing, EnvironmentFault } from '../../../../activities/environments/errors.ts';
import type { EnvironmentConfig, EnvironmentProvider } from '../../../../activities/environments/index.ts';
import type { ComposeSettings } from '../../../../domain/environment.ts';
import { FILE } from '../../../support/environments/compose-file.ts';
import { standIns } from '../../../support/environments/path.ts';
import { holdsContract } from '../contract.ts';
import { START, ioOf, scene } from '../scene.ts';
import type { Scene } from '../scene.ts';

interface World {
  readonly provider: EnvironmentProvider;
  readonly config: EnvironmentConfig;
  readonly home: string;
  mode(mode: string): Promise<void>;
}

interface Wish extends Partial<ComposeSettings> {
  readonly text?: string;
  readonly programs?: readonly string[];
}

async function world(
  config: EnvironmentConfig,
  { text = FILE, programs = ['docker'], ...more }: Wish = {},
): Promise<World> {
  const home = path.join(config.stateHome, 'engine');
  const bin = await standIns(config.stateHome, 'engine.ts', programs);
  const toolEnvironment = { ...config.toolEnvironment, PATH: `${bin}:/bin:/usr/bin`, ENGINE_HOME: home };
  const directory = config.stateHome;
  await writeFile(path.join(directory, 'compose.yaml'), text);
  const known = { ...config, toolEnvironment };
  const settings: ComposeSettings = {
    ...{ kind: 'compose', directory, env: [], health: { api: '/healthz', web: '/healthz' }, seconds: 60 },
    ...{ files: ['compose.yaml'], profiles: [] },
    engine: 'docker',
    ...more,
  };
  return {
    provider: compose(known, settings),
    config: known,
    home,
    mode: (mode) => writeFile(path.join(home, 'mode'), mode),
  };
}

holdsContract('compose', async (config) => {
  const { provider, config: known, home, mode } = await world(config);
  const elsewhere = await world({ ...known, stateHome: path.join(config.stateHome) });
  return {
    provider,
    elsewhere: elsewhere.provider,
    goStale: () => mode('stale'),
    greeting: 'listening\n',
    leftovers: async () => (await readdir(home)).filter((name) => name !== 'mode'),
  };
});

async function attempt(here: Scene, wish: Wish, mode = ''): Promise<unknown> {
  const { provider, mode: setMode } = await world(here.config, wish);
  const order = here.request({ api: START.good, web: START.good });
  await provider.status(order.name, ioOf()).catch(() => undefined);
  await setMode(mode);
  const error = await provider.deploy(order, ioOf()).catch((problem: unknown) => problem);
  await setMode('');
  await provider.destroy(order.name, ioOf());
  return error;
}

const one = (command: string): string => `services:\n  api:\n    command: ${command}\n    ports: ["8080"]\n`;

test.each([
  [
    'a service that ends',
    { text: one('echo no database; exit 3') },
    '',
    DeployFailed,
    'service "api" ended with exit code 3',
  ],
  [
    'a service with a port that ends as if it had done its work',
    { text: one('echo goodbye'), health: {} },
    '',
    DeployFailed,
    'service "api" ended with exit code 0',
  ],
  [
    'a file that compose cannot read',
    { text: 'volumes: {}' },
    '',
    EnvironmentFault,
    'provider: there is no valid compose file beside the project file: "docker compose config" ended with exit code 15: empty',
  ],
  [
    'a variable that is not there',
    { text: one('${NOWHERE}') },
    '',
    EnvironmentFault,
    'required variable NOWHERE is missing a value',
  ],
  [
    'a file that is not there',
    { files: ['other.yaml'] },
    '',
    EnvironmentFault,
    'provider: there is no compose file "other.yaml" beside the project file',
  ],
  ['a file that the candidate lacks', { repository: 'api' }, '', DeployFailed, 'has no compose file "compose.yaml"'],
  [
    'a daemon that is not there',
    {},
    'daemon',
    EnvironmentFault,
    'provider: "docker ls" ended with exit code 1: Cannot connect',
  ],
  [
    'a port that is taken',
    {},
    'port',
    EnvironmentFault,
    'port: "docker compose up" ended with exit code 1: Error response from daemon: Bind for',
  ],
  [
    'a container that is listed whenever one asks, and never there',
    {},
    'gone',
    EnvironmentFault,
    'provider: "docker inspect" ended with exit code 1: Error: No such container: gone-1',
  ],
  [
    'a service without a port that is asked for its health',
    { text: 'services:\n  api:\n    command: sleep 60\n' },
    '',
    DeployFailed,
    'service "api" has no address to ask for /healthz',
  ],
])('%s is told in one line by class', async (_shown, wish: Wish, mode, type, message) => {
  const error = await attempt(await scene(), { health: { api: '/healthz' }, ...wish }, mode);
  expect(error).toBeInstanceOf(type);
  if (!(error instanceof Error)) throw new Error('not reached');
  expect(error.message).toContain(message);
  expect(error.message.split('\n')).toHaveLength(1);
});

test('a service that ends well and has no port is no failure, and profiles choose services', async () => {
  const here = await scene();
  const text = `${FILE}  seed:\n    command: echo seeded\n    profiles: [full]\n  debug:\n    command: exit 1\n    profiles: [debug]\n`;
  const { provider } = await world(here.config, { text, profiles: ['full'] });
  const order = here.request({ api: START.good, web: START.good });
  const { addresses } = await provider.deploy(order, ioOf());
  expect(Object.keys(addresses).toSorted()).toEqual(['api', 'web']);
  const { state, services } = await provider.status(order.name, ioOf());
  expect([state, services]).toEqual(['ready', { api: 'healthy', web: 'healthy', seed: 'exited' }]);
  await provider.destroy(order.name, ioOf());
});

test('a container that goes while it is looked at is none', async () => {
  const here = await scene();
  const { provider, mode } = await world(here.config);
  const order = here.request({ api: START.good, web: START.good });
  await provider.deploy(order, ioOf());
  await mode('gone once');
  expect(await provider.list(ioOf())).toEqual([{ name: order.name, owner: order.owner }]);
  await provider.destroy(order.name, ioOf());
});

function settingsOf(directory: string): ComposeSettings {
  return { kind: 'compose', directory, env: [], health: {}, seconds: 60, files: ['compose.yaml'], profiles: [] };
}

/** The provider on a PATH with these programs alone. */
async function withPrograms(here: Scene, programs: readonly string[]): Promise<EnvironmentProvider> {
  const { config } = await world(here.config, { programs });
  const PATH = path.join(config.stateHome, 'bin');
  return compose({ ...config, toolEnvironment: { ...config.toolEnvironment, PATH } }, settingsOf(config.stateHome));
}

test.each([
  ['podman', ['podman']],
  ['docker-compose beside podman', ['docker-compose', 'podman']],
])('the engine that is there is used: %s', async (_shown, programs) => {
  expect(await (await withPrograms(await scene(), programs)).list(ioOf())).toEqual([]);
});

test.each([
  ['no program', []],
  ['docker-compose alone', ['docker-compose']],
])('with %s the fault says what was looked for', async (_shown, programs) => {
  await expect((await withPrograms(await scene(), programs)).list(ioOf())).rejects.toThrow(
    new EngineMissing('there is no "docker compose", "podman compose" or "docker-compose" on the worker\'s PATH'),
  );
});

test('nothing is written into the folders of the project', async () => {
  const here = await scene();
  const { provider } = await world(here.config);
  const order = here.request({ api: START.good, web: START.good });
  const folders = Object.values(order.directories);
  const files = async (): Promise<unknown> => Promise.all(folders.map((folder) => readdir(folder)));
  const before = await files();
  await provider.deploy(order, ioOf());
  expect(await files()).toEqual(before);
  await provider.destroy(order.name, ioOf());
});
