import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { Worker, bundleWorkflowCode } from '@temporalio/worker';
import type { Client } from '@temporalio/client';
import { prepareShop } from '../examples/prepare.ts';
import { readFile } from 'node:fs/promises';
import { projectIn, startProduct } from '../tests/support/product.ts';
import type { Figure } from './run.ts';
import { median } from './support.ts';

// Steps of the product take time, too: without a pause the server never gets to rest, which flatters the floor.
const STEP_MS = 200;

/** Time between the end of an activity and the start of the next: a warm product's run against a bare workflow, on one server. */
export async function measureGap(folder: string): Promise<readonly Figure[]> {
  const product = await startProduct(path.join(folder, 'home'));
  const { client, nativeConnection } = product.server;
  for (const workId of ['WARM', 'GAP']) {
    const shop = path.join(folder, workId);
    await prepareShop(shop);
    const text = await readFile(path.join(shop, 'spec.md'), 'utf8');
    await (await product.start({ project: await projectIn(shop), text, workId })).result();
  }
  const workflowBundle = await bundleWorkflowCode({ workflowsPath: path.join(import.meta.dirname, 'noop.ts') });
  const worker = await Worker.create({
    connection: nativeConnection,
    taskQueue: 'noop',
    workflowBundle,
    activities: { nothing: () => wait(STEP_MS) },
  });
  await worker.runUntil(client.workflow.execute('noop', { taskQueue: 'noop', workflowId: 'noop', args: [30] }));
  const [own, bare] = [median(await gaps(client, 'shop/GAP')), median(await gaps(client, 'noop'))];
  await product.stop();
  return [
    { name: 'gap between sequential steps against a no-op workflow', value: own / bare, unit: 'x', target: 1.3 },
    { name: 'gap between sequential steps', value: own, unit: 'ms', target: 50 },
  ];
}

/** Milliseconds between each completed activity and the next one's start. */
async function gaps(client: Client, workflowId: string): Promise<readonly number[]> {
  const { events } = await client.workflow.getHandle(workflowId).fetchHistory();
  const found: number[] = [];
  let ended: number | undefined;
  for (const {
    eventTime,
    activityTaskCompletedEventAttributes: completed,
    activityTaskStartedEventAttributes: started,
  } of events ?? []) {
    const at = Number(eventTime?.seconds ?? 0) * 1000 + (eventTime?.nanos ?? 0) / 1e6;
    if (started != null && ended !== undefined) found.push(at - ended);
    if (started != null) ended = undefined;
    if (completed != null) ended = at;
  }
  return found;
}
