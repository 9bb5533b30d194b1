import { existsSync, readFileSync, readdirSync, readlinkSync } from 'node:fs';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { openEnvironment } from '../../../activities/environments/index.ts';
import type { EnvironmentChoice } from '../../../domain/environment.ts';
import { standIns } from '../../support/environments/path.ts';
import type { Order } from '../../support/environments/one-call.ts';
import { callApart } from './killed.ts';
import { START, ioOf, scene } from './scene.ts';

/** A provider whose programs are stand-ins that take long where they are told to. */
export interface SlowTool {
  readonly kind: string;
  readonly script: string;
  readonly programs: readonly string[];
  /** Variable that names the stand-ins' folder; their processes have it, the services that they start have not. */
  readonly variable: string;
  /** Where they take long in the middle of destroying. */
  readonly destroying: string;
}

/** Where a worker is lost: at a step of its own, or while a stand-in takes long. */
export interface Loss {
  readonly shown: string;
  readonly dieAt?: string;
  readonly slow?: string;
  /** The settings in this folder; the stand-ins' variables have to be among their `env`. */
  choice(directory: string, env: readonly string[]): Promise<EnvironmentChoice>;
}

const pids = (): readonly string[] => readdirSync('/proc').filter((entry) => /^\d+$/.test(entry));

function reads<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}

async function place(tool: SlowTool, loss: Loss, slow = loss.slow) {
  const { config, request: requestOf } = await scene();
  const { stateHome } = config;
  const home = path.join(stateHome, 'stand-in');
  await mkdir(home);
  const setMode = (mode: string): Promise<void> => writeFile(path.join(home, 'mode'), mode);
  if (slow !== undefined) await setMode(`slow ${slow}`);
  const bin = await standIns(stateHome, tool.script, tool.programs);
  const variables = { PATH: `${bin}:${config.environment['PATH']}`, [tool.variable]: home };
  const choice = await loss.choice(stateHome, Object.keys(variables));
  const request = { ...requestOf({ api: START.good, web: START.good }), healthSeconds: 30 };
  const marked = (pid: string): boolean =>
    reads(() => readFileSync(`/proc/${pid}/environ`, 'utf8'))?.includes(`${tool.variable}=${home}\0`) ?? false;
  const serves = (pid: string): boolean =>
    /^\S*node\0server\.js\0$/.test(reads(() => readFileSync(`/proc/${pid}/cmdline`, 'utf8')) ?? '') &&
    reads(() => readlinkSync(`/proc/${pid}/cwd`))?.startsWith(stateHome) === true;
  return {
    request,
    setMode,
    provider: openEnvironment(choice, {
      ...config,
      secret: (name) => Object.entries(variables).find(([key]) => key === name)?.[1],
    }),
    order: (call: Order['call'], dieAt?: string): Order => ({
      ...{ choice, stateHome, variables, call, request },
      ...(dieAt === undefined ? {} : { dieAt }),
    }),
    isThere: async () => !existsSync(path.join(home, 'mode')),
    /** How many programs of the provider's are at work, and how many services run. */
    counts: () => [pids().filter(marked).length, pids().filter(serves).length],
    left: async () => [
      await readdir(home),
      await readdir(path.join(stateHome, 'environment-notes', tool.kind)).catch(() => []),
    ],
  };
}

/** What a provider has to hold that calls programs: what a lost worker's call has left at work is ended before the next one. */
export function endsUnfinished(tool: SlowTool, losses: readonly [Loss, ...Loss[]]): void {
  test.each(losses)(
    `${tool.kind}: a worker killed in a deployment $shown: the next one ends what is left at work and makes one environment`,
    async (loss) => {
      const at = await place(tool, loss);
      const killed = await callApart(at.order('deploy', loss.dieAt), loss.dieAt === undefined ? at.isThere : undefined);
      expect([killed.signal, killed.result]).toEqual(['SIGKILL', undefined]);
      if (loss.dieAt === undefined) expect(at.counts()[0]).toBeGreaterThan(0);
      const { result, error } = await callApart(at.order('deploy'));
      expect([error, result?.commits, at.counts()]).toEqual(['', at.request.commits, [0, 2]]);
      expect(await at.provider.list(ioOf())).toEqual([{ name: at.request.name, owner: at.request.owner }]);
      expect((await callApart(at.order('destroy'))).error).toBe('');
      expect([at.counts(), await at.left()]).toEqual([
        [0, 0],
        [[], []],
      ]);
    },
  );

  test(`${tool.kind}: a worker killed in the middle of a deployment that is then destroyed leaves nothing at work`, async () => {
    const at = await place(tool, losses[0], 'api');
    expect((await callApart(at.order('deploy'), at.isThere)).signal).toBe('SIGKILL');
    expect((await callApart(at.order('destroy'))).error).toBe('');
    expect([at.counts(), await at.left()]).toEqual([
      [0, 0],
      [[], []],
    ]);
  });

  test(`${tool.kind}: a worker killed in the middle of destroying: the next one leaves nothing`, async () => {
    const at = await place(tool, losses[0], '');
    await at.provider.deploy(at.request, ioOf());
    await at.setMode(`slow ${tool.destroying}`);
    expect((await callApart(at.order('destroy'), at.isThere)).signal).toBe('SIGKILL');
    expect(at.counts()[0]).toBeGreaterThan(0);
    expect((await callApart(at.order('destroy'))).error).toBe('');
    expect([at.counts(), await at.left()]).toEqual([
      [0, 0],
      [[], []],
    ]);
  });
}
