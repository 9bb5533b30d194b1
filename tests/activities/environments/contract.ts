import { rm } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import {
  DeployFailed,
  DeployStale,
  EnvironmentAbsent,
  ServiceUnknown,
} from '../../../activities/environments/errors.ts';
import type {
  DeployRequest,
  EnvironmentConfig,
  EnvironmentEntry,
  EnvironmentProvider,
} from '../../../activities/environments/index.ts';
import { Interruption } from '../../../activities/io.ts';
import { COMMIT_A, COMMIT_B, START, ioOf, scene, textsOf, until } from './scene.ts';

/** A provider with the means to make its world misbehave. */
export interface Subject {
  readonly provider: EnvironmentProvider;
  /** A provider of the same world that remembers nothing on this host; absent where the memory is the environment. */
  readonly elsewhere?: EnvironmentProvider;
  /** From now on a deployment leaves running what ran before; absent where that cannot be. */
  goStale?(): Promise<void>;
  /** What a service prints at its start. */
  readonly greeting: string;
  /** Processes and records that are left in the provider's world. */
  leftovers(): Promise<readonly string[]>;
}

/** Builds a subject in a world of its own. */
export type Open = (config: EnvironmentConfig) => Promise<Subject>;

// An engine that this host shares has environments of others, too.
const listed = async (provider: EnvironmentProvider, name: string): Promise<readonly EnvironmentEntry[]> =>
  (await provider.list(ioOf())).filter((entry) => entry.name === name);

/** What every provider has to hold, whatever it runs services with. */
export function holdsContract(kind: string, open: Open): void {
  test(`${kind}: what was never made is absent, has no logs and can be destroyed`, async () => {
    const { provider, leftovers } = await open((await scene()).config);
    const name = 'never/made';
    await provider.destroy(name, ioOf());
    expect(await provider.status(name, ioOf())).toMatchObject({ name, state: 'absent', commits: {}, addresses: {} });
    expect(await textsOf(provider, { name, maxBytes: 100 })).toEqual({});
    await expect(provider.exec({ name, service: 'api', run: 'true', seconds: 5 }, ioOf())).rejects.toThrow(
      EnvironmentAbsent,
    );
    expect(await leftovers()).toEqual([]);
  });

  test(`${kind}: the same name twice is the same environment, seen by status, list, logs and exec until it is destroyed`, async () => {
    const here = await scene();
    const { provider, greeting, leftovers, elsewhere } = await open(here.config);
    const order = here.request({ api: START.good, web: START.good });
    const first = await provider.deploy(order, ioOf());
    const { addresses } = first;
    expect(Object.keys(addresses).toSorted()).toEqual(['api', 'web']);
    expect(first).toMatchObject({
      name: order.name,
      commits: { api: COMMIT_A, web: COMMIT_A },
      variables: { API_URL: addresses['api'], WEB_URL: addresses['web'] },
    });
    for (const address of Object.values(addresses)) expect((await fetch(`${address}/healthz`)).status).toBe(200);
    expect(await provider.deploy(order, ioOf())).toEqual(first);

    for (const each of [provider, elsewhere ?? provider]) {
      const status = await each.status(order.name, ioOf());
      expect(status).toMatchObject({ name: order.name, state: 'ready', addresses });
      for (const key of ['api', 'web']) expect(COMMIT_A.startsWith(status.commits[key] ?? 'none')).toBe(true);
      expect(await listed(each, order.name)).toMatchObject([{ name: order.name, owner: order.owner }]);
    }
    expect(await textsOf(provider, { name: order.name, maxBytes: 1000 })).toEqual({ api: greeting, web: greeting });
    const short = await textsOf(provider, { name: order.name, maxBytes: 4 });
    expect(short).toEqual({ api: greeting.slice(-4), web: greeting.slice(-4) });

    const run = 'echo "$(basename "$PWD")"; exit 7';
    const ran = await provider.exec({ name: order.name, service: 'web', run, seconds: 20 }, ioOf());
    expect(ran).toMatchObject({ exitCode: 7, stdout: 'web\n', timedOut: false });
    await expect(provider.exec({ name: order.name, service: 'db', run, seconds: 20 }, ioOf())).rejects.toThrow(
      ServiceUnknown,
    );

    await provider.destroy(order.name, ioOf());
    await provider.destroy(order.name, ioOf());
    expect(await provider.status(order.name, ioOf())).toMatchObject({ state: 'absent', commits: {} });
    expect(await listed(provider, order.name)).toEqual([]);
    expect(await textsOf(provider, { name: order.name, maxBytes: 1000 })).toEqual({});
    for (const address of Object.values(addresses)) await expect(fetch(address)).rejects.toThrow();
    expect(await leftovers()).toEqual([]);
  });

  test(`${kind}: a window of logs has what was written from then on, and a service that was silent is empty in it`, async () => {
    const here = await scene();
    const { provider, greeting, leftovers } = await open(here.config);
    const order = here.request({ api: START.good, web: START.good });
    const { name } = order;
    const { addresses } = await provider.deploy(order, ioOf());
    const say = async (word: string): Promise<void> => void (await fetch(`${addresses['api']}/say/${word}`));
    await say('early');
    await until(async () => (await textsOf(provider, { name, maxBytes: 1000 }))['api'] === `${greeting}early\n`);
    // Times are told by the second, and sizes noted once in one.
    let at = 0;
    await until(
      async () => (await textsOf(provider, { name, maxBytes: 1000, since: { at: (at = Date.now()) } }))['api'] === '',
    );
    const positions = await provider.logPositions?.(name);
    const windows = [{ at }, ...(positions === undefined ? [] : [{ at, positions }])];
    for (const word of ['late', 'x'.repeat(300), 'later']) await say(word);
    const late = `late\n${'x'.repeat(300)}\nlater\n`;
    await until(async () => (await textsOf(provider, { name, maxBytes: 1000 }))['api']?.endsWith('later\n') ?? false);
    for (const since of windows) {
      expect(await textsOf(provider, { name, maxBytes: 1000, since })).toEqual({ api: late, web: '' });
      const cut = `late\nxxxxx\n[272 bytes left out here]\n${'x'.repeat(23)}\nlater\n`;
      expect(await textsOf(provider, { name, maxBytes: 40, since })).toEqual({ api: cut, web: '' });
    }
    await provider.destroy(name, ioOf());
    expect(await leftovers()).toEqual([]);
  });

  test(`${kind}: other commits under the same name replace what runs, and a stale deployment is told`, async () => {
    const here = await scene();
    const { provider, goStale, leftovers } = await open(here.config);
    const order = (commit: string): DeployRequest =>
      here.request({ api: START.good, web: START.good }, { commits: { api: commit, web: COMMIT_A } });
    await provider.deploy(order(COMMIT_A), ioOf());
    const { commits } = await provider.deploy(order(COMMIT_B), ioOf());
    expect(commits).toEqual({ api: COMMIT_B, web: COMMIT_A });
    expect(COMMIT_B.startsWith((await provider.status(order('').name, ioOf())).commits['api'] ?? 'none')).toBe(true);
    if (goStale !== undefined) {
      const next = order(COMMIT_A);
      await goStale();
      await expect(provider.deploy(next, ioOf())).rejects.toThrow(DeployStale);
    }
    await provider.destroy(order('').name, ioOf());
    expect(await leftovers()).toEqual([]);
  });

  test(`${kind}: a candidate that does not come up is a failed deployment, and an aborted call ends with its reason`, async () => {
    const here = await scene();
    const { provider, leftovers } = await open(here.config);
    const order = here.request({ api: START.good, web: START.good });
    await rm(path.join(order.directories['api'] ?? '', 'server.js'));
    await expect(provider.deploy(order, ioOf())).rejects.toThrow(DeployFailed);
    const controller = new AbortController();
    const call = provider.deploy(order, ioOf(controller)).catch((error: unknown) => error);
    controller.abort(new Interruption('stop'));
    expect(await call).toBe(controller.signal.reason);
    await provider.destroy(order.name, ioOf());
    expect(await leftovers()).toEqual([]);
  });
}
