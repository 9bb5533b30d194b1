import { createServer, connect } from 'node:net';
import type { Socket } from 'node:net';
import { afterEach, expect, test } from '@jest/globals';
import { NativeConnection } from '@temporalio/worker';
import { listening } from '../support/listening.ts';
import { testServerOfFile } from '../support/server-of-file.ts';
import { DONE, scene, told } from './scene.ts';

const file = testServerOfFile();

const closing: (() => void)[] = [];

afterEach(() => {
  for (const close of closing.splice(0)) close();
});

/** A way to the server that can be cut for a while. */
async function line(address: string): Promise<{ address: string; cut(): void; mend(): void }> {
  const [host = '', target = ''] = address.split(':');
  const sockets = new Set<Socket>();
  let up = true;
  const proxy = createServer((socket) => {
    const there = connect(Number(target), host);
    for (const [one, other] of [
      [socket, there],
      [there, socket],
    ] as const) {
      sockets.add(one);
      one.on('error', () => other.destroy());
      one.on('close', () => [sockets.delete(one), other.destroy()]);
    }
    if (up) socket.pipe(there).pipe(socket);
    else socket.destroy();
  });
  const port = await listening(proxy);
  const drop = (): void => sockets.forEach((socket) => socket.destroy());
  closing.push(() => [proxy.close(), drop()]);
  return {
    address: `127.0.0.1:${port}`,
    cut: () => [(up = false), drop()],
    mend: () => {
      up = true;
    },
  };
}

test('when the worker shuts down the session goes on; the next worker re-attaches to it', async () => {
  const place = await scene(file.server.client, 'shutdown');
  const first = await place.worker(file.server.nativeConnection);
  const handle = await place.start();
  await place.atWork();
  const before = await place.pid();
  await first.stop();
  expect([typeof before, await place.pid()]).toEqual(['number', before]);
  const second = await place.worker(file.server.nativeConnection);
  place.letGo();
  expect(told(await handle.result())).toEqual(DONE);
  expect([place.rounds(), await place.living()]).toEqual([1, []]);
  await second.stop();
}, 60_000);

test('when heartbeats are lost the session goes on; the next attempt re-attaches to it', async () => {
  const place = await scene(file.server.client, 'outage');
  const way = await line(file.server.address);
  const native = await NativeConnection.connect({ address: way.address });
  const worker = await place.worker(native);
  const handle = await place.start({ heartbeatTimeout: '8s', startToCloseTimeout: '5m' });
  await place.atWork();
  const before = await place.pid();
  way.cut();
  await failures(handle);
  expect([typeof before, await place.pid()]).toEqual(['number', before]);
  way.mend();
  place.letGo();
  expect(told(await handle.result())).toEqual(DONE);
  expect([place.rounds(), await place.living()]).toEqual([1, []]);
  await worker.stop();
  await native.close();
}, 60_000);

test('when an attempt has used up its time the session goes on under the next one', async () => {
  const place = await scene(file.server.client, 'start-to-close');
  const worker = await place.worker(file.server.nativeConnection);
  const handle = await place.start({ heartbeatTimeout: '6s', startToCloseTimeout: '4s' });
  await place.atWork();
  const before = await place.pid();
  await failures(handle);
  // The next heartbeat tells the old attempt that the server knows it no longer.
  await new Promise((resolve) => setTimeout(resolve, 6000));
  expect([typeof before, await place.pid()]).toEqual(['number', before]);
  place.letGo();
  expect(told(await handle.result())).toEqual(DONE);
  expect([place.rounds(), await place.living()]).toEqual([1, []]);
  await worker.stop();
}, 60_000);

/** Waits until the server has given up an attempt of the session. */
async function failures(handle: { describe(): Promise<{ raw: { pendingActivities?: readonly object[] | null } }> }) {
  for (;;) {
    const [pending] = (await handle.describe()).raw.pendingActivities ?? [];
    if (pending !== undefined && 'attempt' in pending && Number(pending.attempt) > 1) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
