import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, readdir, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { prepareShop } from '../../examples/prepare.ts';
import type { CommandSettings } from '../../domain/environment.ts';
import { DEFAULT_LEASES, leaseIdOf, ownerOf, poolIdOf } from '../../domain/lease.ts';
import type { LeasePolicy, SweepOrder, SweepReport } from '../../domain/lease.ts';
import { poolOrderOf } from '../../domain/pool.ts';
import type { Project } from '../../domain/project.ts';
import { temporalLeases } from '../../worker/leases.ts';
import {
  LEASE,
  SWEEP,
  WORKFLOW_QUEUE,
  extendLease,
  leaseState,
  poolState,
  releaseLease,
} from '../../workflows/contract.ts';
import type { lease } from '../../workflows/index.ts';
import { projectIn, startProduct } from '../support/product.ts';
import type { Product } from '../support/product.ts';

let root = '';
let product: Product;

beforeAll(async () => {
  root = await realpath(await mkdtemp(path.join(tmpdir(), 'spec-to-pr-lease-')));
  product = await startProduct(path.join(root, 'home'));
  await prepareShop(path.join(root, 'shop'));
}, 120_000);

afterAll(async () => {
  await product.stop();
  await rm(root, { recursive: true, force: true });
});

const KEEP = 'mkdir -p envs; echo "$ENVIRONMENT_ID $ENVIRONMENT_NAME $ENVIRONMENT_OWNER" > "envs/$ENVIRONMENT_NAME"';
const LIST = `echo "["; sep=""; for f in envs/*; do [ -e "$f" ] || continue; read id name owner < "$f"; echo "$sep{\\"id\\":\\"$id\\",\\"name\\":\\"$name\\",\\"owner\\":\\"$owner\\",\\"state\\":\\"ready\\",\\"address\\":\\"\\"}"; sep=","; done; echo "]"`;

/** A tracker of environments: a file each. It is away while there is a file `away`. */
async function tracker(name: string): Promise<{ settings: CommandSettings; made(): Promise<readonly string[]> }> {
  const directory = path.join(root, name);
  await mkdir(path.join(directory, 'envs'), { recursive: true });
  return {
    settings: {
      ...{ kind: 'command', directory, env: [], health: {}, seconds: 30 },
      commands: {
        provision: `[ ! -e away ] || exit 75; ${KEEP}`,
        deploy: `${KEEP}; echo "commit.api=$API_COMMIT"; echo "commit.web=$WEB_COMMIT"`,
        list: `[ ! -e away ] || exit 75; ${LIST}`,
        destroy: '[ ! -e away ] || exit 75; rm -f "envs/$ENVIRONMENT_NAME"',
      },
    },
    made: () => readdir(path.join(directory, 'envs')),
  };
}

const make = (settings: CommandSettings, name: string, owner: string): Promise<void> =>
  writeFile(path.join(settings.directory, 'envs', name), `0123abcd ${name} ${owner}\n`);

async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 50));
}

function startLease(environment: CommandSettings, name: string, seconds: number) {
  return product.server.client.workflow.start<typeof lease>(LEASE, {
    workflowId: leaseIdOf('shop', name),
    taskQueue: WORKFLOW_QUEUE,
    args: [{ project: 'shop', environment, name, owner: 'shop/A', seconds }],
  });
}

test('an environment whose users give no sign of life is erased; signs, and a new owner, keep the other', async () => {
  const { settings, made } = await tracker('signs');
  await Promise.all(['quiet', 'busy'].map((name) => make(settings, name, 'x')));
  const quiet = await startLease(settings, 'quiet', 1);
  const busy = await startLease(settings, 'busy', 1);
  const beats = setInterval(() => void busy.signal(extendLease, {}).catch(() => undefined), 200);
  expect(await quiet.result()).toMatchObject({ name: 'quiet', why: 'its users gave no sign for 1 s' });
  expect(await made()).toEqual(['busy']);
  clearInterval(beats);
  await busy.signal(extendLease, { owner: 'shop/B', seconds: 60 });
  expect(await busy.query(leaseState)).toMatchObject({ owner: 'shop/B', seconds: 60, stage: 'held', why: '' });
  await busy.signal(releaseLease);
  expect(await busy.result()).toMatchObject({ owner: 'shop/B', stage: 'erasing', why: 'released' });
  expect(await made()).toEqual([]);
}, 60_000);

test.each([0, -1])('a lease of %d seconds is refused', async (seconds) => {
  const { settings } = await tracker('refused');
  await expect((await startLease(settings, `never${seconds}`, seconds)).result()).rejects.toMatchObject({
    cause: { message: `a lease needs a time above 0, not ${seconds}` },
  });
});

test('erasing is tried until the provider says that the environment is gone, and a sign of life does not revive it', async () => {
  const { settings, made } = await tracker('stuck');
  await make(settings, 'stuck', 'x');
  const away = path.join(settings.directory, 'away');
  await writeFile(away, '');
  const handle = await startLease(settings, 'stuck', 60);
  await handle.signal(releaseLease);
  await until(async () => (await handle.describe()).raw.pendingActivities?.[0]?.lastFailure != null);
  await handle.signal(extendLease, { owner: 'shop/B', seconds: 60 });
  expect(await handle.query(leaseState)).toMatchObject({ stage: 'erasing', why: 'released', owner: 'shop/A' });
  expect(await made()).toEqual(['stuck']);
  await rm(away);
  await handle.result();
  expect(await made()).toEqual([]);
}, 60_000);

test('a lease that is cancelled erases its environment', async () => {
  const { settings, made } = await tracker('cancelled');
  await make(settings, 'one', 'x');
  const handle = await startLease(settings, 'one', 60);
  await handle.cancel();
  expect(await handle.result()).toMatchObject({ why: 'cancelled' });
  expect(await made()).toEqual([]);
});

test('a sweep tells of environments without a lease and erases them only where it may, and none that others own', async () => {
  const { settings, made } = await tracker('swept');
  const { client } = product.server;
  const { installation } = await temporalLeases(client);
  const mine = ownerOf(installation, 'shop/RUN-1');
  await Promise.all([
    make(settings, 'leaked', mine),
    make(settings, 'held', mine),
    make(settings, 'elsewhere', ownerOf('othersrv', 'shop/RUN-1')),
    make(settings, 'other-project', ownerOf(installation, 'shopping/RUN-1')),
  ]);
  const handle = await startLease(settings, 'held', 60);
  const order: SweepOrder = {
    ...{ project: 'shop', environment: settings, erase: false, graceSeconds: 1, repositories: [] },
    notifiers: [{ name: 'log', options: {} }],
  };
  const sweep = (workflowId: string, erase: boolean): Promise<SweepReport> =>
    client.workflow.execute(SWEEP, { workflowId, taskQueue: WORKFLOW_QUEUE, args: [{ ...order, erase }] });
  expect(await sweep('sweep-1', false)).toEqual({ leaked: ['leaked'], erased: [], own: 2, foreign: 2 });
  expect(await made()).toContain('leaked');
  const told = await readFile(path.join(product.home, 'notifications.jsonl'), 'utf8');
  expect(told.split('shop has the environment leaked that no lease holds (command)')).toHaveLength(2);
  expect(await sweep('sweep-2', true)).toEqual({ leaked: [], erased: ['leaked'], own: 2, foreign: 2 });
  expect((await made()).toSorted()).toEqual(['elsewhere', 'held', 'other-project']);
  await handle.signal(releaseLease);
  await handle.result();
}, 60_000);

async function warmProject(
  name: string,
  leases: Partial<LeasePolicy>,
): Promise<Project & { environment: CommandSettings }> {
  const { settings } = await tracker(name);
  const project = await projectIn(path.join(root, 'shop'));
  return { ...project, key: name, environment: settings, leases: { ...DEFAULT_LEASES, minReady: 2, ...leases } };
}

test('a pool has environments ready, hands each out once, makes others, and drops those of other settings', async () => {
  const project = await warmProject('warm', {});
  const leases = await temporalLeases(product.server.client);
  const order = poolOrderOf(project);
  const pool = product.server.client.workflow.getHandle(poolIdOf('warm'));
  const readyOnes = async (): Promise<readonly string[]> =>
    (await pool.query(poolState)).members.filter(({ state }) => state === 'ready').map(({ name }) => name);
  const ask = (key: string): Promise<string | null> =>
    leases.requestPool({ order, take: { key, owner: `warm/${key}` } });
  expect(await ask('A')).toBeNull();
  await until(async () => (await readyOnes()).length === 2);
  const [first, second] = await readyOnes();
  expect([await ask('B'), await ask('C')]).toEqual([first, second]);
  expect(await ask('B')).toBe(first);
  const lease = product.server.client.workflow.getHandle(leaseIdOf('warm', first ?? ''));
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

test('a pool hands nothing out that has waited too long, and ends when nobody asks', async () => {
  const project = await warmProject('stale', { maxAgeSeconds: 1 });
  const leases = await temporalLeases(product.server.client);
  const order = poolOrderOf(project);
  expect(await leases.requestPool({ order })).toBeNull();
  const pool = product.server.client.workflow.getHandle(poolIdOf('stale'));
  await pool.result();
  await until(async () => (await readdir(path.join(project.environment.directory, 'envs'))).length === 0);
  expect(await leases.requestPool({ order, take: { key: 'A', owner: 'stale/A' } })).toBeNull();
  await pool.result();
}, 60_000);
