import { existsSync } from 'node:fs';
import { mkdir, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { EngineMissing, EnvironmentFault } from '../../activities/environments/errors.ts';
import { openEnvironment } from '../../activities/environments/index.ts';
import type { EnvironmentConfig, EnvironmentProvider } from '../../activities/environments/index.ts';
import { release } from '../../activities/release.ts';
import type { EnvironmentChoice } from '../../domain/environment.ts';
import { workerConfig } from '../../worker/config.ts';
import { createPorts } from '../../worker/ports.ts';
import { FILE } from '../support/environments/compose-file.ts';
import { manifest } from '../support/environments/manifest.ts';
import { standIns } from '../support/environments/path.ts';
import { runFolder } from '../../activities/folders.ts';
import { temporaryFolder } from '../support/folder.ts';
import { START, ioOf, scene } from './environments/scene.ts';

interface Tool {
  readonly script: string;
  readonly program: string;
  choice(directory: string): Promise<EnvironmentChoice>;
}

const shared = { env: [], health: {}, seconds: 60 };
const TOOLS: readonly (readonly [string, Tool])[] = [
  [
    'compose',
    {
      ...{ script: 'engine.ts', program: 'docker' },
      choice: async (directory) => {
        await writeFile(path.join(directory, 'compose.yaml'), FILE);
        return { kind: 'compose', directory, ...shared, files: ['compose.yaml'], profiles: [], engine: 'docker' };
      },
    },
  ],
  [
    'kubernetes',
    {
      ...{ script: 'cluster.ts', program: 'kubectl' },
      choice: async (directory) => {
        await mkdir(path.join(directory, 'k8s'));
        await writeFile(path.join(directory, 'k8s', 'shop.yaml'), await manifest());
        return { kind: 'kubernetes', directory, ...shared, manifests: ['k8s'], urls: {} };
      },
    },
  ],
];

async function place({ script, program, choice }: Tool) {
  const { config, request } = await scene();
  const { stateHome } = config;
  const world = path.join(stateHome, 'world');
  const PATH = await standIns(stateHome, script, [program]);
  await symlink(process.execPath, path.join(PATH, 'node'));
  const toolEnvironment = { PATH, ENGINE_HOME: world, CLUSTER_HOME: world };
  const known: EnvironmentConfig = { ...config, toolEnvironment };
  const environment = await choice(stateHome);
  const variables = { PATH: process.env['PATH'], SPEC_TO_PR_HOME: stateHome, HOME: stateHome };
  const ports = createPorts(workerConfig(variables), { name: 'Bot', email: 'bot@example.com' });
  const open = (): EnvironmentProvider => openEnvironment(environment, known);
  const order = request({ api: START.good, web: START.good });
  return {
    ...{ open, order },
    release: (ofThisHost: boolean) =>
      release({ ...ports, environment: open }, { environment, name: order.name, ofThisHost }, ioOf()),
    takeProgramAway: () => rm(path.join(PATH, program)),
    giveProgramBack: () => standIns(stateHome, script, [program]),
    made: async () => (await readdir(world)).length,
  };
}

test.each(TOOLS)(
  '%s: what cannot be looked at for want of the program is not told as gone, and goes when the program is back',
  async (_, tool) => {
    const at = await place(tool);
    await at.open().deploy(at.order, ioOf());
    await at.takeProgramAway();
    for (const ofThisHost of [true, false]) await expect(at.release(ofThisHost)).rejects.toThrow(EngineMissing);
    expect(await at.made()).toBeGreaterThan(0);
    await at.giveProgramBack();
    expect([await at.release(true), await at.made()]).toEqual([true, 0]);
    await at.takeProgramAway();
    expect(await at.release(true)).toBe(true);
  },
);

test.each(TOOLS)(
  '%s: a host that never had the program answers for itself alone, also after a deployment that found none',
  async (_, tool) => {
    const at = await place(tool);
    await at.takeProgramAway();
    for (const call of ['provision', 'deploy'] as const)
      await expect(at.open()[call](at.order, ioOf())).rejects.toThrow(EngineMissing);
    expect(await at.release(true)).toBe(true);
    await expect(at.release(false)).rejects.toThrow(EngineMissing);
  },
);

/** Ports of a host, and an environment whose commands say these states one after the other, the last for ever. */
async function stateful(states: readonly string[]) {
  const home = await temporaryFolder();
  await writeFile(path.join(home, 'states'), states.map((state) => `${state}\n`).join(''));
  const next = 'echo "state=$(head -n 1 states)"; [ "$(wc -l < states)" -eq 1 ] || sed -i.old 1d states';
  const environment: EnvironmentChoice = {
    ...{ kind: 'command', directory: home, env: [], health: {}, seconds: 60 },
    commands: { deploy: 'true', destroy: 'echo destroyed >> destroyed', status: next },
  };
  const variables = { PATH: process.env['PATH'], SPEC_TO_PR_HOME: home, HOME: home };
  const ports = createPorts(workerConfig(variables), { name: 'Bot', email: 'bot@example.com' });
  const worktrees = { workflowId: 'shop/SPEC-1', firstRunId: 'f1' };
  const folder = runFolder(home, worktrees);
  await mkdir(folder, { recursive: true });
  return {
    release: () => release(ports, { environment, name: 'SPEC-1-1', worktrees }, ioOf()),
    folderIsThere: () => existsSync(folder),
  };
}

test.each(['ready', 'provisioning', 'provisioning-failed', 'deprovisioning', 'deprovisioning-failed'])(
  'a provider that takes an environment for gone and then says that it is %s has not erased it: the call fails, keeps the worktrees and is right when tried again',
  async (state) => {
    const at = await stateful(['absent', state, 'deprovisioned']);
    const failure: unknown = await at.release().catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(EnvironmentFault);
    expect(failure).toMatchObject({
      message: `provider: the environment "SPEC-1-1" is ${state} after it was destroyed`,
    });
    expect(at.folderIsThere()).toBe(true);
    expect([await at.release(), at.folderIsThere()]).toEqual([true, false]);
  },
);
