import { existsSync } from 'node:fs';
import { readdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import type { CommandSettings } from '../../domain/environment.ts';
import { DEFAULT_LEASES, leaseIdOf, poolIdOf } from '../../domain/lease.ts';
import type { LeasePolicy } from '../../domain/lease.ts';
import { poolOrderOf } from '../../domain/pool.ts';
import type { Project } from '../../domain/project.ts';
import { temporalLeases } from '../../worker/leases.ts';
import { leaseState, poolState } from '../../workflows/contract.ts';
import { fileTracker } from '../support/environments/file-tracker.ts';
import { until } from '../support/until.ts';
import { shop, stageOfFile } from '../support/whole-runs.ts';

const stage = stageOfFile('pool');

async function warmProject(
  name: string,
  leases: Partial<LeasePolicy>,
): Promise<Project & { environment: CommandSettings }> {
  const { settings } = await fileTracker(stage.root, name);
  const { project } = await shop(stage, `of-${name}`);
  return { ...project, key: name, environment: settings, leases: { ...DEFAULT_LEASES, minReady: 2, ...leases } };
}

test('a pool has environments ready, hands each out once, makes others, and drops those of other settings', async () => {
  const project = await warmProject('warm', {});
  const leases = await temporalLeases(stage.product.server.client);
  const order = poolOrderOf(project);
  const pool = stage.product.server.client.workflow.getHandle(poolIdOf('warm'));
  const readyOnes = async (): Promise<readonly string[]> =>
    (await pool.query(poolState)).members.filter(({ state }) => state === 'ready').map(({ name }) => name);
  const ask = (key: string): Promise<string | null> =>
    leases.requestPool({ order, take: { key, owner: `warm/${key}` } });
  expect(await ask('A')).toBeNull();
  await until(async () => (await readyOnes()).length === 2);
  const [first, second] = await readyOnes();
  expect([await ask('B'), await ask('C')]).toEqual([first, second]);
  expect(await ask('B')).toBe(first);
  const lease = stage.product.server.client.workflow.getHandle(leaseIdOf('warm', first ?? ''));
  expect(await lease.query(leaseState)).toMatchObject({ owner: 'warm/B', seconds: DEFAULT_LEASES.seconds });
  await until(async () => (await readyOnes()).length === 2);
  const before = await readyOnes();
  const changed = { ...order, hash: 'other' };
  expect(await leases.requestPool({ order: changed, take: { key: 'D', owner: 'warm/D' } })).toBeNull();
  await until(async () => (await readyOnes()).length === 2);
  expect((await readyOnes()).some((name) => before.includes(name))).toBe(false);
  const there = (name: string): boolean => existsSync(path.join(project.environment.directory, 'envs', name));
  await until(async () => !before.some(there));
  expect([first, second].every((name) => there(name ?? ''))).toBe(true);
  await pool.cancel();
  await until(async () => (await readdir(path.join(project.environment.directory, 'envs'))).length === 2);
}, 60_000);

test('one that is dropped while it is being provisioned is erased, and two runs at once get none of other settings', async () => {
  const project = await warmProject('slow', {});
  const { directory } = project.environment;
  const leases = await temporalLeases(stage.product.server.client);
  const slow = `sleep 1; ${project.environment.commands.provision}`;
  const environment = { ...project.environment, commands: { ...project.environment.commands, provision: slow } };
  const order = poolOrderOf({ ...project, environment });
  const pool = stage.product.server.client.workflow.getHandle(poolIdOf('slow'));
  await leases.requestPool({ order });
  await until(async () => (await pool.query(poolState)).members.length === 2);
  const old = (await pool.query(poolState)).members.map(({ name }) => name);
  const ask = (key: string): Promise<string | null> =>
    leases.requestPool({ order: { ...order, hash: 'other' }, take: { key, owner: `slow/${key}` } });
  expect(await Promise.all([ask('A'), ask('B')])).toEqual([null, null]);
  await until(async () => (await pool.query(poolState)).members.every(({ state }) => state === 'ready'));
  const handles = old.map((name) => stage.product.server.client.workflow.getHandle(leaseIdOf('slow', name)));
  await Promise.all(handles.map((handle) => handle.result()));
  expect((await readdir(path.join(directory, 'envs'))).filter((name) => old.includes(name))).toEqual([]);
  const ready = (await pool.query(poolState)).members.map(({ name }) => name);
  const taken = await Promise.all([
    leases.requestPool({ order: { ...order, hash: 'third' }, take: { key: 'C', owner: 'slow/C' } }),
    leases.requestPool({ order: { ...order, hash: 'third' }, take: { key: 'D', owner: 'slow/D' } }),
  ]);
  expect(taken.filter((name) => ready.includes(name ?? ''))).toEqual([]);
  await pool.cancel();
  await until(async () => (await readdir(path.join(directory, 'envs'))).length === 0);
}, 60_000);

test('a pool that is cancelled while the provider is away lets go of all that it has', async () => {
  const project = await warmProject('away', {});
  const { directory } = project.environment;
  await writeFile(path.join(directory, 'away'), '');
  const leases = await temporalLeases(stage.product.server.client);
  await leases.requestPool({ order: poolOrderOf(project) });
  const pool = stage.product.server.client.workflow.getHandle(poolIdOf('away'));
  const failing = async (): Promise<boolean> =>
    (await pool.describe()).raw.pendingActivities?.some(({ lastFailure }) => lastFailure != null) === true;
  await until(failing);
  const { members } = await pool.query(poolState);
  expect(members).toHaveLength(2);
  await pool.cancel();
  await expect(pool.result()).rejects.toThrow();
  await rm(path.join(directory, 'away'));
  expect((await pool.describe()).status.name).toBe('CANCELLED');
  const handles = members.map(({ name }) => stage.product.server.client.workflow.getHandle(leaseIdOf('away', name)));
  const ends = await Promise.all(handles.map((handle) => handle.result()));
  expect(ends).toMatchObject(members.map(({ name }) => ({ name, why: 'released' })));
  expect(await readdir(path.join(directory, 'envs'))).toEqual([]);
}, 60_000);

test('a pool hands nothing out that has waited too long, and ends when nobody asks', async () => {
  const project = await warmProject('stale', { maxAgeSeconds: 1 });
  const leases = await temporalLeases(stage.product.server.client);
  const order = poolOrderOf(project);
  expect(await leases.requestPool({ order })).toBeNull();
  const pool = stage.product.server.client.workflow.getHandle(poolIdOf('stale'));
  await pool.result();
  await until(async () => (await readdir(path.join(project.environment.directory, 'envs'))).length === 0);
  expect(await leases.requestPool({ order, take: { key: 'A', owner: 'stale/A' } })).toBeNull();
  await pool.result();
}, 60_000);
