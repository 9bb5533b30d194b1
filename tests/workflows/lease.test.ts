import { readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import type { CommandSettings } from '../../domain/environment.ts';
import { leaseIdOf, ownerOf } from '../../domain/lease.ts';
import type { SweepOrder, SweepReport } from '../../domain/sweep.ts';
import { temporalLeases } from '../../worker/leases.ts';
import {
  LEASE,
  SWEEP,
  WORKFLOW_QUEUE,
  extendLease,
  leaseSettings,
  leaseState,
  releaseLease,
  reorderLease,
} from '../../workflows/contract.ts';
import type { lease } from '../../workflows/index.ts';
import { fileTracker } from '../support/environments/file-tracker.ts';
import { until } from '../support/until.ts';
import { stageOfFile } from '../support/whole-runs.ts';

const stage = stageOfFile('lease');

function startLease(environment: CommandSettings, name: string, seconds: number) {
  return stage.product.server.client.workflow.start<typeof lease>(LEASE, {
    workflowId: leaseIdOf('shop', name),
    taskQueue: WORKFLOW_QUEUE,
    args: [{ project: 'shop', environment, name, owner: 'shop/A', seconds }],
  });
}

test('an environment whose users give no sign of life is erased; signs, and a new owner, keep the other', async () => {
  const { settings, made, make } = await fileTracker(stage.root, 'signs');
  await Promise.all(['quiet', 'busy'].map((name) => make(name, 'x')));
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
  const { settings } = await fileTracker(stage.root, 'refused');
  await expect((await startLease(settings, `never${seconds}`, seconds)).result()).rejects.toMatchObject({
    cause: { message: `a lease needs a time above 0, not ${seconds}` },
  });
});

test('erasing is tried until the provider says that the environment is gone, and a sign of life does not revive it', async () => {
  const { settings, made, make } = await fileTracker(stage.root, 'stuck');
  await make('stuck', 'x');
  const away = path.join(settings.directory, 'away');
  await writeFile(away, '');
  const handle = await startLease(settings, 'stuck', 60);
  await handle.signal(releaseLease);
  await until(async () => (await handle.describe()).raw.pendingActivities?.[0]?.lastFailure != null);
  await handle.signal(extendLease, { owner: 'shop/B', seconds: 60 });
  const leases = await temporalLeases(stage.product.server.client);
  expect(await leases.extend(leaseIdOf('shop', 'stuck'), {})).toBe(false);
  expect(await leases.isHeld(leaseIdOf('shop', 'stuck'))).toBe(true);
  expect(await handle.query(leaseState)).toMatchObject({ stage: 'erasing', why: 'released', owner: 'shop/A' });
  expect(await made()).toEqual(['stuck']);
  await rm(away);
  await handle.result();
  expect(await made()).toEqual([]);
}, 60_000);

test('an environment that is there again after its provider took it for gone is destroyed once more', async () => {
  const { settings } = await fileTracker(stage.root, 'back-again');
  const { directory } = settings;
  await writeFile(path.join(directory, 'states'), 'absent\nready\ndeprovisioned\n');
  const status = 'echo "state=$(head -n 1 states)"; [ "$(wc -l < states)" -eq 1 ] || sed -i.old 1d states';
  const commands = { deploy: 'true', destroy: 'echo "$ENVIRONMENT_NAME" >> destroyed', status };
  const handle = await startLease({ ...settings, commands }, 'back', 60);
  await handle.signal(releaseLease);
  expect(await handle.result()).toMatchObject({ name: 'back', why: 'released' });
  expect(await readFile(path.join(directory, 'destroyed'), 'utf8')).toBe('back\nback\n');
}, 60_000);

test('mended settings of the same provider reach a lease that cannot erase by its own, at once; others do not', async () => {
  const { settings, made, make } = await fileTracker(stage.root, 'mended');
  await make('mended', 'x');
  const { commands } = settings;
  const handle = await startLease({ ...settings, commands: { ...commands, destroy: 'exit 75' } }, 'mended', 60);
  await handle.signal(releaseLease);
  await until(async () => (await handle.describe()).raw.pendingActivities?.[0]?.lastFailure != null);
  await handle.signal(reorderLease, { kind: 'none' });
  expect(await handle.query(leaseSettings)).toMatchObject({ kind: 'command', commands: { destroy: 'exit 75' } });
  await handle.signal(reorderLease, settings);
  await handle.result();
  expect(await made()).toEqual([]);
}, 60_000);

test('signs that make no sense change nothing, and who has taken an environment over keeps it when its run releases it', async () => {
  const { settings, made, make } = await fileTracker(stage.root, 'odd');
  await make('odd', 'x');
  const handle = await startLease(settings, 'odd', 60);
  await handle.signal('extend');
  await handle.signal('extend', { host: 5, owner: {}, seconds: 'long' });
  await handle.signal('extend', { owner: 'shop/by-hand/odd', seconds: 90 });
  await handle.signal(releaseLease, 'shop/A');
  const held = { owner: 'shop/by-hand/odd', seconds: 90, hosts: [], stage: 'held' };
  expect(await handle.query(leaseState)).toMatchObject(held);
  await handle.signal('release');
  await handle.result();
  expect(await made()).toEqual([]);
});

test('a lease that is cancelled erases its environment', async () => {
  const { settings, made, make } = await fileTracker(stage.root, 'cancelled');
  await make('one', 'x');
  const handle = await startLease(settings, 'one', 60);
  await handle.cancel();
  expect(await handle.result()).toMatchObject({ why: 'cancelled' });
  expect(await made()).toEqual([]);
});

test('a sweep tells of environments without a lease, of the same ones once, and erases them only where it may, and none that others own', async () => {
  const { settings, made, make } = await fileTracker(stage.root, 'swept');
  const { client } = stage.product.server;
  const { installation } = await temporalLeases(client);
  const mine = ownerOf(installation, 'shop/RUN-1');
  await Promise.all([
    make('leaked', mine),
    make('held', mine),
    make('elsewhere', ownerOf('othersrv', 'shop/RUN-1')),
    make('other-project', ownerOf(installation, 'shopping/RUN-1')),
  ]);
  const handle = await startLease(settings, 'held', 60);
  const order: SweepOrder = {
    ...{ project: 'shop', environment: settings, erase: false, graceSeconds: 1, repositories: [] },
    notifiers: [{ name: 'log', options: {} }],
  };
  const sweep = (workflowId: string, erase: boolean): Promise<SweepReport> =>
    client.workflow.execute(SWEEP, { workflowId, taskQueue: WORKFLOW_QUEUE, args: [{ ...order, erase }] });
  expect(await sweep('sweep-1', false)).toEqual({
    leaked: [{ name: 'leaked' }],
    erased: [],
    own: 2,
    foreign: 2,
    unseen: [],
  });
  expect(await made()).toContain('leaked');
  const titles = async (): Promise<readonly string[]> =>
    (await readFile(path.join(stage.product.home, 'notifications.jsonl'), 'utf8'))
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line).title)
      .filter((title: string) => title.startsWith('shop has '));
  const told = ['shop has the environment leaked that no lease holds (command)'];
  expect(await titles()).toEqual(told);
  for (const again of ['sweep-again-1', 'sweep-again-2']) expect((await sweep(again, false)).leaked).toHaveLength(1);
  expect(await titles()).toEqual(told);
  await make('leaked-later', mine);
  for (const later of ['sweep-later-1', 'sweep-later-2']) expect((await sweep(later, false)).leaked).toHaveLength(2);
  expect(await titles()).toEqual([...told, 'shop has 2 environments that no lease holds (command)']);
  expect(await sweep('sweep-2', true)).toEqual({
    leaked: [],
    erased: [{ name: 'leaked' }, { name: 'leaked-later' }],
    own: 3,
    foreign: 2,
    unseen: [],
  });
  expect((await made()).toSorted()).toEqual(['elsewhere', 'held', 'other-project']);
  await handle.signal(releaseLease);
  await handle.result();
}, 60_000);
