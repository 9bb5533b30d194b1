import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Client } from '@temporalio/client';
import { prepareShop } from '../examples/prepare.ts';
import { projectIn, startProduct } from '../tests/support/product.ts';
import type { Figure } from './run.ts';

// What the agent does, and the checks and the suite, takes next to no time: what an attempt lasts is lost.
const PROJECT = `project: shop
repositories:
  api: { url: ./api.git, checks: { unit: 'true' } }
  web: { url: ./web.git, checks: { unit: 'true' } }
environment: none
e2e: { repository: web, run: 'echo expected 4, got 5; exit 1', reruns: 0 }
agent: { name: scripted, script: ./agent.yaml }
roles: { debugger: none }
forge: local
limits: { attempts: 3, usd: 5, minutes: 60 }
`;
const SCRIPT = JSON.stringify({
  attempts: [1, 2].map((number) => ({ steps: [{ write: { file: 'api/a.txt', content: `${number}\n` } }] })),
});

/** Time from the start of an attempt that fails to the start of the next, of a warm product, with nothing to wait for. */
export async function measureAttempt(folder: string): Promise<readonly Figure[]> {
  const product = await startProduct(path.join(folder, 'home'));
  try {
    for (const workId of ['WARM', 'LOST']) {
      const shop = path.join(folder, workId);
      await prepareShop(shop);
      await writeFile(path.join(shop, 'spec-to-pr.yaml'), PROJECT);
      await writeFile(path.join(shop, 'agent.yaml'), SCRIPT);
      await product.start({ project: await projectIn(shop), text: '# Cards\n\nGift cards.\n', workId });
      await product.settled(workId);
    }
    const [first = 0, second = Number.NaN] = await starts(product.server.client, 'shop/LOST', 'implement');
    const value = (second - first) / 1000;
    return [{ name: 'lost by a failed attempt outside agent, deployment and tests', value, unit: 's', target: 2 }];
  } finally {
    await product.stop();
  }
}

/** When each activity of this type was scheduled, in milliseconds. */
async function starts(client: Client, workflowId: string, type: string): Promise<readonly number[]> {
  const { events } = await client.workflow.getHandle(workflowId).fetchHistory();
  return (events ?? []).flatMap(({ eventTime, activityTaskScheduledEventAttributes: scheduled }) =>
    scheduled?.activityType?.name === type
      ? [Number(eventTime?.seconds ?? 0) * 1000 + (eventTime?.nanos ?? 0) / 1e6]
      : [],
  );
}
