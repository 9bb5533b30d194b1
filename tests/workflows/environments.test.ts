import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import type { Dossier } from '../../domain/dossier.ts';
import { leaseIdOf, poolIdOf } from '../../domain/lease.ts';
import { answer, leaseState, poolState } from '../../workflows/contract.ts';
import { shows, suiteProject } from '../support/suite.ts';
import { artifactsOf, environmentsOf, stageOfFile } from '../support/whole-runs.ts';

const stage = stageOfFile('environments');

async function until<T>(read: () => Promise<T | undefined>): Promise<T> {
  for (;;) {
    const found = await read();
    if (found !== undefined) return found;
    await wait(50);
  }
}

const gone = (workId: string): Promise<true> =>
  until(async () => ((await environmentsOf(stage, workId)).length === 0 ? true : undefined));

const SAME = [[shows({ failing: { a: 'one' } })], [shows({ passing: 1, failing: { a: 'one' } })]];

test('the environment of a failed candidate is kept for people where the project says so, and goes when they have answered', async () => {
  const { project, text } = await suiteProject(stage, 'KEPT', {
    attempts: SAME,
    file: { leases: { escalated: '8h' } },
  });
  const handle = await stage.product.start({ project, text, workId: 'KEPT' });
  const { environment, escalation } = await stage.product.settled('KEPT');
  if (environment === null) throw new Error('the environment was not kept');
  expect(escalation?.trip.reason).toBe('same_failure');
  expect(await (await fetch(environment.addresses['api'] ?? '')).text()).toBe('ok');
  const lease = stage.product.server.client.workflow.getHandle(leaseIdOf('shop', environment.name));
  expect(await lease.query(leaseState)).toMatchObject({ owner: 'people', seconds: 8 * 3600, stage: 'held' });
  const file = path.join(await artifactsOf(stage, 'KEPT'), 'dossier-q1.json');
  const dossier: Dossier = JSON.parse(await until(() => readFile(file, 'utf8').catch(() => undefined)));
  expect(dossier.kept).toEqual(environment);
  expect(dossier.commands.look).toContain(`spec-to-pr env status ${environment.name}`);
  await handle.executeUpdate(answer, { args: [{ decision: 'accept_draft' }] });
  expect((await handle.result()).environment).toBeNull();
  await gone('KEPT');
  await expect(fetch(environment.addresses['api'] ?? '')).rejects.toThrow();
}, 90_000);

test('without that, nothing is up while people are asked', async () => {
  const { project, text } = await suiteProject(stage, 'GONE', { attempts: SAME });
  const handle = await stage.product.start({ project, text, workId: 'GONE' });
  expect((await stage.product.settled('GONE')).environment).toBeNull();
  await gone('GONE');
  await handle.executeUpdate(answer, { args: [{ decision: 'abort' }] });
  await handle.result();
}, 90_000);

test('runs at once never share an environment, and a pool gives each of its own to one run', async () => {
  const leases = { min_ready: 2 };
  const names = ['ONE', 'TWO', 'THREE'];
  const attempts = [[shows({ failing: { a: 'one' } })], [shows({ passing: 1 })]];
  const used = await Promise.all(
    names.map(async (workId) => {
      const { project, text } = await suiteProject(stage, workId, { attempts, file: { project: 'pooled', leases } });
      const handle = await stage.product.start({ project: { ...project, hash: 'same' }, text, workId });
      expect((await handle.result()).ending).toBe('completed');
      const { events } = await handle.fetchHistory();
      return (events ?? []).flatMap(({ activityTaskScheduledEventAttributes: scheduled }): readonly string[] => {
        if (scheduled?.activityType?.name !== 'deploy') return [];
        const input: { readonly name: string } = JSON.parse(
          Buffer.from(scheduled.input?.payloads?.[0]?.data ?? []).toString('utf8'),
        );
        return [input.name];
      });
    }),
  );
  const all = used.flat();
  expect(new Set(all).size).toBe(6);
  const pool = stage.product.server.client.workflow.getHandle(poolIdOf('pooled'));
  const { taken } = await pool.query(poolState);
  expect(taken.length).toBeGreaterThan(0);
  for (const [key, name] of taken)
    expect(used[names.findIndex((workId) => key.startsWith(`pooled/${workId}:`))]).toContain(name);
  await pool.cancel();
}, 120_000);

test('a run that was terminated leaves no environment behind: its lease runs out', async () => {
  const { project, text } = await suiteProject(stage, 'KILLED', {
    attempts: [[shows({ passing: 1 })]],
    file: { leases: { ttl: '2s' }, e2e: { repository: 'api', run: 'sleep 600' } },
  });
  const handle = await stage.product.start({ project, text, workId: 'KILLED' });
  await until(async () => {
    const { raw } = await handle.describe();
    return raw.pendingActivities?.some(({ activityId }) => activityId === 'e2e:1') === true ? true : undefined;
  });
  expect(await environmentsOf(stage, 'KILLED')).toHaveLength(1);
  await handle.terminate('pulled the plug');
  await gone('KILLED');
}, 120_000);
