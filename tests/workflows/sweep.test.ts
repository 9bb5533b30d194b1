import { mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { leaseIdOf, ownerOf } from '../../domain/lease.ts';
import type { SweepOrder, SweepReport } from '../../domain/sweep.ts';
import { hostOf } from '../../worker/host.ts';
import { signHost } from '../../worker/hosts.ts';
import { temporalLeases } from '../../worker/leases.ts';
import { LEASE, SWEEP, WORKFLOW_QUEUE, extendLease, releaseLease } from '../../workflows/contract.ts';
import type { lease } from '../../workflows/index.ts';
import { leaveBehind, takeAway } from '../support/environments/left-behind.ts';
import { stageOfFile } from '../support/whole-runs.ts';

// Before the folders go.
afterAll(async () => {
  for (const home of [stage.product.home, far()]) await takeAway(home);
});
const stage = stageOfFile('sweep');
const far = (): string => path.join(stage.root, 'far');
const PROJECT = { project: 'shop', environment: { kind: 'process' }, repositories: [] } as const;

function sweep(workflowId: string, erase: boolean): Promise<SweepReport> {
  const order: SweepOrder = { ...PROJECT, erase, graceSeconds: 1, notifiers: [{ name: 'log', options: {} }] };
  const { workflow } = stage.product.server.client;
  return workflow.execute(SWEEP, { workflowId, taskQueue: WORKFLOW_QUEUE, args: [order] });
}

function runs(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

const byName = (one: { readonly name: string }, other: { readonly name: string }): number =>
  one.name.localeCompare(other.name);
const sorted = ({ leaked, erased, ...rest }: SweepReport): SweepReport => ({
  ...rest,
  leaked: leaked.toSorted(byName),
  erased: erased.toSorted(byName),
});

/** What both hosts have told people. */
async function told(): Promise<string> {
  const files = [stage.product.home, far()].map((home) => path.join(home, 'notifications.jsonl'));
  return (await Promise.all(files.map((file) => readFile(file, 'utf8').catch(() => '')))).join('');
}

test('a sweep asks every known host for what it has left, leaves alone what is held or others own, and says which host it has not seen', async () => {
  const { client } = stage.product.server;
  const near = stage.product.home;
  await mkdir(far());
  const [here, there] = [hostOf(near), hostOf(far())];
  const dismiss = await stage.product.hireElsewhere(far());
  for (const host of [here, there]) await signHost(client, host);
  const { installation } = await temporalLeases(client);
  const mine = ownerOf(installation, 'shop/RUN-1');
  const left = await leaveBehind(near, { name: 'left-here', owner: mine });
  const alsoLeft = await leaveBehind(far(), { name: 'left-there', owner: mine });
  const others = await leaveBehind(far(), { name: 'of-others', owner: ownerOf('othersrv', 'shop/RUN-1') });
  const used = await leaveBehind(far(), { name: 'held', owner: mine });
  const held = await client.workflow.start<typeof lease>(LEASE, {
    workflowId: leaseIdOf('shop', 'held'),
    taskQueue: WORKFLOW_QUEUE,
    args: [{ ...PROJECT, name: 'held', owner: 'shop/RUN-1', seconds: 600 }],
  });
  await held.signal(extendLease, { host: there });
  const leaks = [
    { name: 'left-here', host: here },
    { name: 'left-there', host: there },
  ];
  const counts = { own: 3, foreign: 1, unseen: [] };
  expect(sorted(await sweep('sweep-1', false))).toEqual({ leaked: leaks, erased: [], ...counts });
  expect(await told()).toContain(`left-there on ${there}`);
  expect([left, alsoLeft, others, used].map(runs)).toEqual([true, true, true, true]);
  expect(sorted(await sweep('sweep-2', true))).toEqual({ leaked: [], erased: leaks, ...counts });
  expect([left, alsoLeft, others, used].map(runs)).toEqual([false, false, true, true]);

  const late = await leaveBehind(far(), { name: 'late-there', owner: mine });
  await leaveBehind(near, { name: 'late-here', owner: mine });
  await dismiss();
  const why = 'no worker of it answers';
  expect(await sweep('sweep-3', true)).toEqual({
    ...{ leaked: [], erased: [{ name: 'late-here', host: here }] },
    ...{ own: 1, foreign: 0, unseen: [{ host: there, why }] },
  });
  expect([runs(late), (await told()).includes(`not seen: ${there} (${why})`)]).toEqual([true, true]);

  const again = await stage.product.hireElsewhere(far());
  expect((await sweep('sweep-4', true)).erased).toEqual([{ name: 'late-there', host: there }]);
  await held.signal(releaseLease);
  await held.result();
  expect([others, used].map(runs)).toEqual([true, false]);
  await again();
}, 120_000);
