import { spawnSync } from 'node:child_process';
import { rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, expect, test } from '@jest/globals';
import { deployVerdict } from '../../../activities/deploy-verdict.ts';
import { openEnvironment } from '../../../activities/environments/index.ts';
import type { EnvironmentConfig } from '../../../activities/environments/index.ts';
import type { EnvironmentChoice } from '../../../domain/environment.ts';
import { closedPort, mayMount, mountSmallDisk, takePort } from '../../support/broken-host.ts';
import type { SmallDisk, TakenPort } from '../../support/broken-host.ts';
import { START, ioOf, scene } from './scene.ts';
import type { Scene } from './scene.ts';

const mounts: SmallDisk[] = [];
const servers: TakenPort[] = [];

afterEach(async () => {
  for (const disk of mounts.splice(0)) await disk.remove();
  for (const server of servers.splice(0)) await server.free();
});

async function smallDisk(): Promise<string> {
  const disk = await mountSmallDisk();
  mounts.push(disk);
  return disk.folder;
}

async function listen(): Promise<number> {
  const taken = await takePort();
  servers.push(taken);
  return taken.port;
}

function byCommand(deploy: string, directory: string): EnvironmentChoice {
  return { kind: 'command', directory, env: [], health: {}, seconds: 30, commands: { deploy, destroy: 'true' } };
}

interface Shown {
  readonly failureClass: unknown;
  readonly result: unknown;
  readonly why: string;
}

interface Case {
  readonly choice: EnvironmentChoice;
  readonly config?: EnvironmentConfig;
  readonly start?: string;
}

/** What the gate makes of a deployment. */
async function judged(here: Scene, { choice, config = here.config, start = START.good }: Case): Promise<Shown> {
  const provider = openEnvironment(choice, config);
  const order = here.request({ api: start });
  const error = await provider.deploy(order, ioOf()).catch((problem: unknown) => problem);
  const verdict = deployVerdict(error, (text) => text);
  await provider.destroy(order.name, ioOf()).catch(() => undefined);
  if (verdict === undefined) throw new Error('no verdict', { cause: error });
  const { failureClass, result, why } = verdict;
  return { failureClass, result, why };
}

const client = (url: string): string =>
  `node -e "fetch('${url}').catch((error) => { console.error(error); process.exit(1) })"`;

test('a name that does not resolve is infra: dns', async () => {
  const here = await scene();
  const shown = await judged(here, {
    choice: byCommand(client('http://no-such-host.invalid/'), here.config.stateHome),
  });
  expect(shown).toMatchObject({ failureClass: 'infra', result: 'not_run' });
  expect(shown.why).toMatch(/^environment: dns: "deploy" ended with exit code 1/);
});

test("a closed port is infra where it is the engine's, and may be the candidate's fault where it is any other", async () => {
  const here = await scene();
  const port = await closedPort();
  const ambiguous = await judged(here, {
    choice: byCommand(client(`http://127.0.0.1:${port}/`), here.config.stateHome),
  });
  expect(ambiguous).toMatchObject({ failureClass: 'deploy_failed', result: 'failed' });
  const deploy = `echo "Cannot connect to the Docker daemon at tcp://127.0.0.1:${port}. Is the docker daemon running?"; ${client(`http://127.0.0.1:${port}/`)}`;
  const engine = await judged(here, { choice: byCommand(deploy, here.config.stateHome) });
  expect(engine).toMatchObject({ failureClass: 'infra', result: 'not_run' });
});

test('a cluster behind a closed port is infra: refused, by the kubectl of this host where there is one', async () => {
  const here = await scene();
  const port = await closedPort();
  const choice: EnvironmentChoice = {
    ...{
      kind: 'kubernetes',
      directory: '/',
      env: ['KUBECONFIG'],
      health: {},
      seconds: 5,
      manifests: ['k8s'],
      urls: {},
    },
  };
  const there = spawnSync('kubectl', ['version', '--client']).status === 0;
  const config = JSON.stringify({
    ...{ apiVersion: 'v1', kind: 'Config', 'current-context': 'c', users: [] },
    clusters: [{ name: 'c', cluster: { server: `http://127.0.0.1:${port}` } }],
    contexts: [{ name: 'c', context: { cluster: 'c', user: '' } }],
  });
  const file = path.join(here.config.stateHome, 'kubeconfig');
  await writeFile(file, config);
  const shown = await judged(here, { choice, config: { ...here.config, secret: () => file } });
  expect(shown).toMatchObject({ failureClass: 'infra', result: 'not_run' });
  expect(shown.why).toMatch(
    there ? /^environment: refused: "kubectl get" ended/ : /^environment: tool: cannot start "kubectl"/,
  );
});

test('a port that another process has is infra: port, and one that the candidate takes twice is its own fault', async () => {
  const here = await scene();
  const port = await listen();
  const fixed = (listens: number): string =>
    `node -e "for (let i = 0; i < ${listens}; i++) require('http').createServer().listen(${port}, '127.0.0.1')"`;
  const shown = await judged(here, { choice: { kind: 'process' }, start: fixed(1) });
  expect(shown).toMatchObject({ failureClass: 'infra', result: 'not_run' });
  expect(shown.why).toContain(`port: service "api" found its port taken: another process has ${port}`);
  await servers.pop()?.free();
  const own = await judged(here, { choice: { kind: 'process' }, start: fixed(2) });
  expect(own).toMatchObject({ failureClass: 'deploy_failed', result: 'failed' });
});

const mounting = mayMount() ? test : test.skip;
mounting(
  'a full disk is infra: disk, for a command, a service and the product itself (skipped where this user may not mount)',
  async () => {
    const here = await scene();
    const disk = await smallDisk();
    const write = `node -e "require('fs').writeFileSync('${disk}/big', Buffer.alloc(2 ** 21))"`;
    const command = await judged(here, { choice: byCommand(write, here.config.stateHome) });
    expect(command).toMatchObject({ failureClass: 'infra', result: 'not_run' });
    expect(command.why).toContain('environment: disk: "deploy" ended with exit code 1');

    const config = { ...here.config, stateHome: disk };
    await rm(path.join(disk, 'big'));
    const service = await judged(here, { choice: { kind: 'process' }, config, start: write });
    expect(service).toMatchObject({ failureClass: 'infra', result: 'not_run' });
    expect(service.why).toContain(
      'disk: service "api" exited with code 1 before the environment was ready: no space left',
    );

    const own = await judged(here, { choice: { kind: 'process' }, config });
    expect(own).toMatchObject({ failureClass: 'infra', result: 'not_run' });
    expect(own.why).toMatch(/^environment: disk: /);
  },
);
