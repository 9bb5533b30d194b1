import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { prepareShop } from '../examples/prepare.ts';
import type { ProcessRecord } from '../worker/processes/record.ts';
import type { Figure } from './run.ts';
import { cli } from './support.ts';

/** Seconds from SIGKILL of the worker, with an agent at work, until a new worker is at the same step again. */
export async function measureRecovery(folder: string): Promise<readonly Figure[]> {
  const home = path.join(folder, 'home');
  const shop = path.join(folder, 'shop');
  await prepareShop(shop);
  const script = path.join(shop, 'agent.yaml');
  await writeFile(script, (await readFile(script, 'utf8')).replaceAll('wait: 300', 'wait: 60000'));
  await cli(home, shop, 'run', '--file', 'spec.md', '--work-id', 'R', '--detach');
  await until(() => working(home));
  const { pid }: ProcessRecord = JSON.parse(await readFile(path.join(home, 'worker.json'), 'utf8'));
  process.kill(pid, 'SIGKILL');
  const started = performance.now();
  await cli(home, shop, 'up');
  await until(async () => (await startedAgain(home)) && (await working(home)));
  const seconds = (performance.now() - started) / 1000;
  await cli(home, shop, 'cancel', 'R');
  await until(async () => (await cli(home, shop, 'list', '--json')).includes('"status":"cancelled"'));
  await cli(home, shop, 'down');
  return [{ name: 'from SIGKILL of the worker to work going on', value: seconds, unit: 's', target: 10 }];
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await wait(100);
}

async function pending(home: string): Promise<{ attempt: number; step: string; started: boolean }> {
  const { connect } = await import('../client/connect.ts');
  const session = await connect(process.env, home);
  try {
    const { raw } = await session.client.workflow.getHandle('shop/R').describe();
    const activity = raw.pendingActivities?.find(({ activityType }) => activityType?.name === 'implement');
    const data = activity?.heartbeatDetails?.payloads?.[0]?.data;
    return {
      attempt: activity?.attempt ?? 0,
      started: activity?.lastStartedTime != null && Number(activity.state) === 2,
      step: data == null ? '' : Buffer.from(data).toString('utf8'),
    };
  } finally {
    await session.close();
  }
}

const working = async (home: string): Promise<boolean> => (await pending(home)).step.includes('Reading');
const startedAgain = async (home: string): Promise<boolean> => {
  const { attempt, started } = await pending(home);
  return attempt > 1 && started;
};
