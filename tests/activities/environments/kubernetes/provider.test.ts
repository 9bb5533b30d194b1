import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import getPort from 'get-port';
import { DeployFailed, EngineMissing, EnvironmentFault } from '../../../../activities/environments/errors.ts';
import type { EnvironmentConfig, EnvironmentProvider } from '../../../../activities/environments/index.ts';
import { kubernetes } from '../../../../activities/environments/kubernetes/provider.ts';
import type { KubernetesSettings } from '../../../../domain/environment.ts';
import { manifest, objects } from '../../../support/environments/manifest.ts';
import { standIns } from '../../../support/environments/path.ts';
import { holdsContract } from '../contract.ts';
import { COMMIT_A, START, ioOf, scene } from '../scene.ts';
import type { Scene } from '../scene.ts';

interface World {
  readonly provider: EnvironmentProvider;
  readonly config: EnvironmentConfig;
  readonly home: string;
  mode(mode: string): Promise<void>;
}

interface Wish extends Partial<KubernetesSettings> {
  readonly text?: string;
}

async function world(config: EnvironmentConfig, { text, ...more }: Wish = {}): Promise<World> {
  const home = path.join(config.stateHome, 'cluster');
  const bin = await standIns(config.stateHome, 'cluster.ts', ['kubectl', 'helm']);
  const PATH = `${bin}:${config.toolEnvironment['PATH']}`;
  const known = { ...config, toolEnvironment: { ...config.toolEnvironment, PATH, CLUSTER_HOME: home } };
  const directory = config.stateHome;
  await mkdir(path.join(directory, 'k8s'), { recursive: true });
  await writeFile(path.join(directory, 'k8s', 'shop.yaml'), text ?? (await manifest()));
  const settings: KubernetesSettings = {
    ...{ kind: 'kubernetes', directory, env: [], health: { api: '/healthz', web: '/healthz' }, seconds: 30 },
    ...{ manifests: ['k8s'], urls: {} },
    ...more,
  };
  return {
    provider: kubernetes(known, settings),
    config: known,
    home,
    mode: (mode) => writeFile(path.join(home, 'mode'), mode),
  };
}

holdsContract('kubernetes', async (config) => {
  const { provider, home, mode } = await world(config);
  return {
    provider,
    goStale: () => mode('stale'),
    greeting: 'listening\n',
    leftovers: async () => (await readdir(home)).filter((name) => name !== 'mode'),
  };
});

async function attempt(here: Scene, wish: Wish, mode = ''): Promise<unknown> {
  const { provider, home, mode: setMode } = await world(here.config, wish);
  await mkdir(home, { recursive: true });
  await setMode(mode);
  const order = here.request({ api: START.good, web: START.good });
  const error = await provider.deploy(order, ioOf()).catch((problem: unknown) => problem);
  await setMode('');
  await provider.destroy(order.name, ioOf());
  return error;
}

const DEPLOYMENT = (run: string): string =>
  JSON.stringify({
    kind: 'Deployment',
    metadata: { name: 'api' },
    spec: { template: { spec: { containers: [{ command: ['sh', '-c', run] }] } } },
  });

test.each([
  [
    'a pod that crashes',
    { text: DEPLOYMENT('echo no database; exit 3') },
    '',
    DeployFailed,
    'service "api" is in CrashLoopBackOff',
  ],
  [
    'an object that the cluster refuses',
    { text: '{"kind": "Deployment", "metadata": {"name": "api"}}' },
    '',
    DeployFailed,
    '"kubectl apply" ended with exit code 1: The Deployment "api" is invalid',
  ],
  ['a manifest that is no YAML', { text: 'a: [' }, '', DeployFailed, 'k8s/shop.yaml is no YAML'],
  [
    'an object that would stay behind',
    { text: 'kind: ClusterRole\nmetadata: { name: x }\n' },
    '',
    DeployFailed,
    'has a ClusterRole, which would outlive the environment',
  ],
  ['a manifest that is not there', { manifests: ['none'] }, '', DeployFailed, 'there is no "none"'],
  [
    'an API server that does not answer',
    {},
    'refused',
    EnvironmentFault,
    'refused: "kubectl get" ended with exit code 1: The connection to the server',
  ],
  [
    'a build that fails',
    { build: 'echo "type error"; exit 2' },
    '',
    DeployFailed,
    '"build" ended with exit code 2: type error',
  ],
  [
    'a build that finds no registry',
    { build: 'echo "dial tcp: lookup registry.invalid: no such host"; exit 1' },
    '',
    EnvironmentFault,
    'dns: "build" ended',
  ],
])('%s is told in one line by class', async (_shown, wish: Wish, mode, type, message) => {
  const error = await attempt(await scene(), { health: {}, ...wish }, mode);
  expect(error).toBeInstanceOf(type);
  if (!(error instanceof Error)) throw new Error('not reached');
  expect(error.message).toContain(message);
  expect(error.message.split('\n')).toHaveLength(1);
});

test('a chart gets its values filled in, and its pods are marked with the commits', async () => {
  const here = await scene();
  const port = await getPort();
  const chart = { path: 'chart', values: [], set: { folder: '${API_DIR}', 'image.tag': '${API_COMMIT}' } };
  const urls = { api: `http://127.0.0.1:${port}/\${ENVIRONMENT_ID}` };
  const { provider, config } = await world(here.config, { manifests: [], chart, urls, health: { api: '/healthz' } });
  const [deployment] = objects('api', port);
  const rendered = JSON.stringify([deployment]).replace('${API_DIR}', '<folder>');
  await mkdir(path.join(config.stateHome, 'chart'));
  await writeFile(path.join(config.stateHome, 'chart', 'rendered.json'), rendered);
  const order = here.request({ api: START.good });
  const first = await provider.deploy(order, ioOf());
  expect(first.addresses['api']).toMatch(new RegExp(`^http://127.0.0.1:${port}/[0-9a-f]{8}$`));
  expect(await provider.status(order.name, ioOf())).toMatchObject({ state: 'ready', commits: { api: COMMIT_A } });
  await provider.destroy(order.name, ioOf());
});

test('what a manifest no longer has is removed from the environment', async () => {
  const here = await scene();
  const { provider, config } = await world(here.config);
  const order = here.request({ api: START.good, web: START.good });
  const { addresses } = await provider.deploy(order, ioOf());
  expect(Object.keys(addresses).toSorted()).toEqual(['api', 'web']);
  const port = Number(new URL(addresses['api'] ?? '').port);
  const only = objects('api', port)
    .map((object) => JSON.stringify(object))
    .join('\n---\n');
  const { provider: changed } = await world(config, { text: only, health: { api: '/healthz' } });
  const next = here.request({ api: START.good, web: START.good }, { commits: { api: 'c'.repeat(40) } });
  expect((await changed.deploy(next, ioOf())).addresses).toEqual({ api: addresses['api'] });
  await provider.destroy(order.name, ioOf());
});

test("a namespace of somebody else's is neither filled nor deleted, and without kubectl the fault says so", async () => {
  const here = await scene();
  const { provider, home, config } = await world(here.config);
  const order = here.request({ api: START.good, web: START.good });
  await provider.provision(order, ioOf());
  expect(await provider.status(order.name, ioOf())).toMatchObject({ state: 'provisioning', commits: {} });
  const [file = ''] = (await readdir(home)).filter((name) => name.endsWith('.namespace'));
  await writeFile(
    path.join(home, file),
    JSON.stringify({ kind: 'Namespace', metadata: { name: file.replace('.namespace', '') } }),
  );
  await expect(provider.deploy(order, ioOf())).rejects.toThrow('is there and is not ours');
  await expect(provider.destroy(order.name, ioOf())).rejects.toThrow('is there and is not ours');
  await rm(path.join(config.stateHome, 'bin', 'kubectl'));
  const PATH = path.join(config.stateHome, 'bin');
  const without = kubernetes(
    { ...config, toolEnvironment: { ...config.toolEnvironment, PATH } },
    { kind: 'kubernetes', directory: '/', env: [], health: {}, seconds: 5, manifests: ['k8s'], urls: {} },
  );
  await expect(without.list(ioOf())).rejects.toThrow(EngineMissing);
});
