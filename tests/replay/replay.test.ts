import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { DefaultLogger, Runtime, Worker } from '@temporalio/worker';
import { workflowBundle } from '../../worker/run.ts';

const histories = readdirSync(import.meta.dirname).filter((name) => name.endsWith('.json'));
Runtime.install({ logger: new DefaultLogger('ERROR') });

test('there is a history for each course of a run that people rely on', () => {
  expect(histories).toEqual([
    'aborted.json',
    'commented.json',
    'completed.json',
    'completed_draft.json',
    'expired.json',
    'hosts.json',
    'lease.json',
    'ledger.json',
    'parked.json',
    'pool.json',
    'replanned.json',
    'reprovisioned.json',
    'sweep.json',
    'taken_over.json',
    'unfunded.json',
    'unseen.json',
  ]);
});

test.each(histories)('%s replays on the workflow as it is now', async (name) => {
  const history: unknown = JSON.parse(readFileSync(path.join(import.meta.dirname, name), 'utf8'));
  await Worker.runReplayHistory({ workflowBundle: await workflowBundle() }, history, `shop/${path.parse(name).name}`);
});

test('a history that the workflow would not have made is refused', async () => {
  const text = readFileSync(path.join(import.meta.dirname, 'completed.json'), 'utf8').replaceAll('"ingest"', '"swallow"');
  await expect(Worker.runReplayHistory({ workflowBundle: await workflowBundle() }, JSON.parse(text), 'shop/completed')).rejects.toThrow(/[Nn]ondetermin/);
});
