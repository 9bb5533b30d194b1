import { mkdir, readFile, readdir, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { claimPorts, releasePorts } from '../../../../activities/environments/process/ports.ts';
import { claimsFolder } from '../../../../activities/environments/process/record.ts';
import { temporaryFolder } from '../../../support/folder.ts';
import type { Order } from '../../../support/environments/one-call.ts';
import { callApart, traces, worldOf } from '../killed.ts';
import { START, ask, ioOf, scene } from '../scene.ts';

test('four workers that deploy different environments at once share no port, process, folder or address', async () => {
  const { config, provider, request } = await scene();
  const names = ['a', 'b', 'c', 'd'].map((name) => `shop/${name}`);
  const order = (name: string): Order => ({
    ...{ choice: { kind: 'process' }, stateHome: config.stateHome, variables: {}, call: 'deploy' },
    request: request({ api: START.good, web: START.good }, { name }),
  });
  const made = await Promise.all(names.map((name) => callApart(order(name))));
  expect(made.map(({ error }) => error)).toEqual(['', '', '', '']);
  const addresses = made.flatMap(({ result }) => Object.values(result?.addresses ?? {}));
  const services = await Promise.all(addresses.map(ask));
  expect(new Set(addresses).size).toBe(8);
  expect(new Set(services.map(({ pid }) => pid)).size).toBe(8);
  expect(services.map(({ env }) => env['PORT'])).toEqual(addresses.map((address) => new URL(address).port));
  expect(new Set(services.map(({ env }) => env['HOME'])).size).toBe(4);
  const claimed = await readdir(claimsFolder(config.stateHome));
  expect(claimed.toSorted()).toEqual(addresses.map((address) => new URL(address).port).toSorted());
  await provider.destroy('shop/a', ioOf());
  expect((await ask(addresses[2] ?? '')).pid).toBe(services[2]?.pid);
  for (const name of names) await provider.destroy(name, ioOf());
  expect([[...(await worldOf(config.stateHome))], await traces(config.stateHome)]).toEqual([[], []]);
});

test('workers that deploy one name at once make one environment: the others get it too, or are told, and find it then', async () => {
  const { config, provider, request } = await scene();
  const order: Order = {
    ...{ choice: { kind: 'process' }, stateHome: config.stateHome, variables: {}, call: 'deploy' },
    request: request({ api: START.good }),
  };
  const tried = await Promise.all([1, 2, 3].map(() => callApart(order)));
  const failed = tried.filter(({ result }) => result === undefined);
  expect(failed.map(({ error }) => /DeployOvertaken/.test(error))).toEqual(failed.map(() => true));
  const again = await Promise.all([callApart(order), callApart(order)]);
  expect(again[0]?.result).toEqual(again[1]?.result);
  expect((await worldOf(config.stateHome)).size).toBe(1);
  expect(await provider.list(ioOf())).toHaveLength(1);
  await provider.destroy(order.request.name, ioOf());
  expect([[...(await worldOf(config.stateHome))], await traces(config.stateHome)]).toEqual([[], []]);
});

test("a claimed port is nobody else's until it is released, or the environment that has it is gone", async () => {
  const folder = await temporaryFolder();
  const claims = path.join(folder, 'claims');
  const own = await claimPorts(claims, folder, ['api', 'web']);
  expect(new Set(Object.values(own)).size).toBe(2);
  const gone = path.join(folder, 'gone');
  const other = await claimPorts(claims, gone, ['api']);
  expect(await readFile(path.join(claims, String(other['api'])), 'utf8')).toBe(gone);
  await releasePorts(claims, path.join(folder, 'another'));
  expect((await readdir(claims)).toSorted()).toEqual(Object.values(own).map(String).toSorted());
  await releasePorts(claims, folder);
  expect(await readdir(claims)).toEqual([]);
});

test('a claim that its writer was lost before writing is freed after a minute, one that is being written is not', async () => {
  const folder = await temporaryFolder();
  const claims = path.join(folder, 'claims');
  await mkdir(claims);
  for (const port of ['4001', '4002']) await writeFile(path.join(claims, port), '');
  const before = new Date(Date.now() - 61_000);
  await utimes(path.join(claims, '4001'), before, before);
  await releasePorts(claims, folder);
  expect(await readdir(claims)).toEqual(['4002']);
});
