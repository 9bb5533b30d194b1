import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import { poolIdOf } from '../domain/lease.ts';
import { prepareShop } from '../examples/prepare.ts';
import { projectIn, startProduct } from '../tests/support/product.ts';
import { poolState } from '../workflows/contract.ts';
import type { Figure } from './run.ts';

const PROVISION_SECONDS = 3;
// Making the empty environment is what takes time, as with a cluster; bringing the candidate up does not.
const PROJECT = `project: shop
repositories:
  api: { url: ./api.git }
  web: { url: ./web.git }
gates: [e2e]
environment:
  kind: command
  commands:
    provision: sleep ${PROVISION_SECONDS}; mkdir -p envs; touch "envs/$ENVIRONMENT_NAME"
    status: if [ -e "envs/$ENVIRONMENT_NAME" ]; then echo state=ready; else echo state=absent; fi; cat "envs/$ENVIRONMENT_NAME" || true
    deploy: |
      { echo commit.api=$API_COMMIT; echo commit.web=$WEB_COMMIT; } | tee "envs/$ENVIRONMENT_NAME"
    destroy: rm -f "envs/$ENVIRONMENT_NAME"
leases: { min_ready: 1 }
e2e: { repository: web, run: 'true' }
agent: { name: scripted, script: ./agent.yaml }
roles: { debugger: none }
forge: local
`;
const SCRIPT = JSON.stringify({ attempts: [{ steps: [{ write: { file: 'api/a.txt', content: 'one\n' } }] }] });

/** From the end of the agent's work until the candidate is up: in an environment of the pool, and in one that has to be made. */
export async function measureWarm(folder: string): Promise<readonly Figure[]> {
  const product = await startProduct(path.join(folder, 'home'));
  const { client } = product.server;
  try {
    const took: number[] = [];
    for (const workId of ['COLD', 'WARM']) {
      const shop = path.join(folder, workId);
      await prepareShop(shop);
      await writeFile(path.join(shop, 'spec-to-pr.yaml'), PROJECT.replaceAll('envs', path.join(folder, 'envs')));
      await writeFile(path.join(shop, 'agent.yaml'), SCRIPT);
      const project = await projectIn(shop, { hash: 'same' });
      const handle = await product.start({ project, text: '# Cards\n\nGift cards.\n', workId });
      const run = await handle.result();
      if (run.ending !== 'completed') throw new Error(`${workId} ended ${run.ending}: ${run.why}`);
      took.push(await upAfter(client, `shop/${workId}`));
      await warmed(client);
    }
    const [cold = Number.NaN, warm = Number.NaN] = took;
    return [
      {
        name: `candidate up in a warm environment against a cold one that takes ${PROVISION_SECONDS} s to make`,
        value: warm / cold,
        unit: 'x',
        target: 0.5,
      },
    ];
  } finally {
    await client.workflow.getHandle(poolIdOf('shop')).cancel();
    await product.stop();
  }
}

async function warmed(client: Client): Promise<void> {
  const pool = client.workflow.getHandle(poolIdOf('shop'));
  while (!(await pool.query(poolState)).members.some(({ state }) => state === 'ready')) await wait(100);
}

/** Milliseconds from the end of the agent's session to the end of the deployment. */
async function upAfter(client: Client, workflowId: string): Promise<number> {
  const { events } = await client.workflow.getHandle(workflowId).fetchHistory();
  const types = new Map<string, string>();
  const ended: Record<string, number> = {};
  for (const event of events ?? []) {
    const scheduled = event.activityTaskScheduledEventAttributes;
    if (scheduled != null) types.set(String(event.eventId), scheduled.activityType?.name ?? '');
    const done = event.activityTaskCompletedEventAttributes;
    if (done != null)
      ended[types.get(String(done.scheduledEventId)) ?? ''] =
        Number(event.eventTime?.seconds ?? 0) * 1000 + (event.eventTime?.nanos ?? 0) / 1e6;
  }
  return (ended['deploy'] ?? Number.NaN) - (ended['implement'] ?? Number.NaN);
}
