import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { Client, Connection } from '@temporalio/client';
import { knownHost } from '../../worker/host.ts';
import { keepHostKnown } from '../../worker/hosts.ts';
import { temporalLeases } from '../../worker/leases.ts';
import { temporaryFolder } from '../support/folder.ts';
import { until } from '../support/until.ts';
import { stageOfFile } from '../support/whole-runs.ts';

const stage = stageOfFile('hosts');

test('a worker makes its host known when it starts, and a host stays known when its worker is gone', async () => {
  const { client, address } = stage.product.server;
  const leases = await temporalLeases(client);
  expect(await leases.hosts()).toEqual([]);
  const home = await temporaryFolder();
  const main = path.resolve(import.meta.dirname, '../../client/main.ts');
  const env = { PATH: process.env['PATH'] ?? '', HOME: home, SPEC_TO_PR_HOME: home, TEMPORAL_ADDRESS: address };
  const worker = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', main, 'worker'], { env });
  const ended = once(worker, 'exit');
  try {
    await until(async () => (await leases.hosts()).length > 0);
  } finally {
    worker.kill('SIGTERM');
    await ended;
  }
  expect(await leases.hosts()).toEqual([knownHost(home)]);
}, 60_000);

test('a sign that cannot be given is told of, and no error', async () => {
  const connection = Connection.lazy({ address: '127.0.0.1:1' });
  await connection.close();
  const lines: string[] = [];
  const warn = (line: string): void => void lines.push(line);
  const stop = await keepHostKnown(new Client({ connection }), { host: 'a-1', warn });
  stop();
  expect(lines).toEqual([expect.stringMatching(/^no sweep will look at this host until it is known: ./)]);
});
