import { expect, test } from '@jest/globals';
import { WorkflowFailedError } from '@temporalio/client';
import { testServerOfFile } from '../support/server-of-file.ts';
import { DONE, gone, scene, told } from './scene.ts';
import type { Scene } from './scene.ts';

const file = testServerOfFile();

/** A session at work with its background processes, supervised by a worker. */
async function atWork(name: string): Promise<Scene & { stop(): Promise<void> }> {
  const place = await scene(file.server.client, name);
  const { stop } = await place.worker(file.server.nativeConnection);
  return { ...place, stop };
}

const order = (workflowId: string) => ({
  namespace: 'default',
  execution: { workflowId },
  id: 'implement',
  identity: 'test',
});

test('cancelled, the session is ended with all that it started, its work is saved, and the activity ends as cancelled', async () => {
  const place = await atWork('cancel');
  const handle = await place.start();
  await place.atWork();
  expect((await place.living()).length).toBeGreaterThan(3);
  await handle.cancel();
  const error: unknown = await handle.result().catch((failure: unknown) => failure);
  expect(error).toBeInstanceOf(WorkflowFailedError);
  expect(error).toMatchObject({ cause: { name: 'CancelledFailure' } });
  expect([await place.living(), place.saved()]).toEqual([[], 'first']);
  await place.stop();
}, 60_000);

test('terminated, nobody waits for the session any more: it is ended and its work saved', async () => {
  const place = await atWork('terminate');
  const handle = await place.start();
  await place.atWork();
  await handle.terminate('test');
  await gone(place);
  await place.stop();
  expect([await place.living(), place.saved()]).toEqual([[], 'first']);
}, 60_000);

test('paused, the session is ended gently; unpaused, the same session goes on where it was', async () => {
  const place = await atWork('pause');
  const handle = await place.start();
  await place.atWork();
  await file.server.client.workflowService.pauseActivity(order('pause'));
  await gone(place);
  expect([place.rounds(), (await handle.describe()).raw.pendingActivities?.[0]?.paused]).toEqual([1, true]);
  place.letGo();
  await file.server.client.workflowService.unpauseActivity(order('pause'));
  expect(told(await handle.result())).toEqual(DONE);
  expect([place.rounds(), place.saved(), await place.living()]).toEqual([1, 'first', []]);
  await place.stop();
}, 60_000);

test('reset, the session is discarded with its work, which stays under another name; a new one begins', async () => {
  const place = await atWork('reset');
  const handle = await place.start();
  await place.atWork();
  const before = await place.living();
  await file.server.client.workflowService.resetActivity(order('reset'));
  await place.atWork(2);
  expect((await place.living()).filter((pid) => before.includes(pid))).toEqual([]);
  expect([place.saved('implement-1.discarded'), place.saved()]).toEqual(['first', undefined]);
  place.letGo();
  expect(told(await handle.result())).toEqual(DONE);
  expect([place.rounds(), await place.living()]).toEqual([2, []]);
  await place.stop();
}, 60_000);
