import { readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import type { KubernetesSettings } from '../../domain/environment.ts';
import { leaseIdOf } from '../../domain/lease.ts';
import { workerConfig } from '../../worker/config.ts';
import { createPorts } from '../../worker/ports.ts';
import { LEASE, WORKFLOW_QUEUE, extendLease, leaseState, releaseLease } from '../../workflows/contract.ts';
import type { lease } from '../../workflows/index.ts';
import { standIns } from '../support/environments/path.ts';
import { until } from '../support/until.ts';
import { stageOfFile } from '../support/whole-runs.ts';

// The worker has no programs but these.
const variablesIn = (root: string): Readonly<Record<string, string>> => ({
  PATH: path.join(root, 'bin'),
  CLUSTER_HOME: path.join(root, 'cluster'),
});
const stage = stageOfFile('lease-program', async (root) => variablesIn(root));

const SETTINGS: KubernetesSettings = {
  ...{ kind: 'kubernetes', directory: '/', env: ['CLUSTER_HOME'], health: {}, seconds: 30 },
  ...{ manifests: ['k8s'], urls: {} },
};

const namespaces = (): Promise<readonly string[]> => readdir(path.join(stage.root, 'cluster')).catch(() => []);

async function released(name: string) {
  const { home, server } = stage.product;
  const config = workerConfig({ ...variablesIn(stage.root), SPEC_TO_PR_HOME: home, HOME: home });
  const ports = createPorts(config, { name: 'Test', email: 'test@example.com' });
  const handle = await server.client.workflow.start<typeof lease>(LEASE, {
    workflowId: leaseIdOf('shop', name),
    taskQueue: WORKFLOW_QUEUE,
    args: [{ project: 'shop', environment: SETTINGS, name, owner: 'shop/A', seconds: 60 }],
  });
  return {
    handle,
    provider: ports.environment(SETTINGS),
    release: async (): Promise<void> => {
      await handle.signal(extendLease, { host: ports.host() });
      await handle.signal(releaseLease);
    },
  };
}

test('a namespace that no host has a kubectl for is not taken for gone: the lease says why, and erases it when there is one', async () => {
  const bin = await standIns(stage.root, 'cluster.ts', ['kubectl']);
  const { handle, provider, release } = await released('made');
  const io = { signal: new AbortController().signal, progress: () => undefined };
  await provider.provision({ name: 'made', owner: 'shop/A', directories: {}, commits: {} }, io);
  await rm(path.join(bin, 'kubectl'));
  await release();
  // Asked of any host, of the one that made it, and of any again.
  await until(async () => (await handle.describe()).raw.pendingActivities?.[0]?.lastFailure != null);
  const { stage: now, why, problem } = await handle.query(leaseState);
  expect([now, why, problem]).toEqual([
    ...['erasing', 'released'],
    expect.stringMatching(/^tool: cannot start "kubectl": [^\n]+$/),
  ]);
  expect(await namespaces()).toHaveLength(2);
  await standIns(stage.root, 'cluster.ts', ['kubectl']);
  await handle.result();
  expect(await namespaces()).toEqual([]);
}, 60_000);

test('where no host has ever had a kubectl, the one that would have made the namespace says that there is none', async () => {
  await rm(path.join(stage.root, 'bin', 'kubectl'), { force: true });
  const { handle, release } = await released('never');
  await release();
  expect(await handle.result()).toMatchObject({ stage: 'erasing', why: 'released' });
}, 60_000);
