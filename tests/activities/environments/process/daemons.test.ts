import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import path from 'node:path';
import { afterEach, expect, test } from '@jest/globals';
import {
  environmentFolder,
  readEnvironment,
  writeEnvironment,
} from '../../../../activities/environments/process/record.ts';
import { recordedKin } from '../../../../activities/environments/process/kin.ts';
import { startTimeOf } from '../../../../activities/process/identity.ts';
import { writersOf } from '../../../../activities/process/open-files.ts';
import { environmentFolders, ioOf, scene, until } from '../scene.ts';
import type { Scene } from '../scene.ts';

// Forks, leaves the session, has no environment, listens on a port of its own and says its pid in a file.
const daemon = (file: string, output: string): string =>
  `setsid env -i "${process.execPath}" -e "process.title = 'd'; require('net').createServer().listen(0, '127.0.0.1', function () { require('fs').writeFileSync('${file}', process.pid + ' ' + this.address().port) })" ${output} &`;
const SILENT = '>/dev/null 2>&1 </dev/null';
const folderOf = ({ config }: Scene): string => environmentFolder(config.stateHome, 'shop/SPEC-1');

const children: ChildProcess[] = [];

afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

/** Pid and port that a daemon has written down. */
async function told(here: Scene, file: string): Promise<readonly [number, number]> {
  const name = path.join(here.config.stateHome, 'work', 'api', file);
  const read = (): Promise<string> => readFile(name, 'utf8').catch(() => '');
  await until(async () => (await read()).includes(' '));
  const [pid = 0, port = 0] = (await read()).split(' ').map(Number);
  return [pid, port];
}

test.each([
  ['whose parent has ended, and that keeps the log', (file: string) => `(${daemon(file, '')});`],
  ['whose parent has ended, and that keeps neither log nor input', (file: string) => `(${daemon(file, SILENT)});`],
  ['whose parent lives', (file: string) => daemon(file, SILENT)],
])('a daemon without an environment, in a session of its own, %s, ends with the environment', async (_, start) => {
  const here = await scene();
  const order = here.request({ api: `${start('daemon')} exec node server.js` });
  await here.provider.deploy(order, ioOf());
  const [pid, port] = await told(here, 'daemon');
  expect([...(await here.running())]).not.toContain(pid);
  await here.provider.destroy(order.name, ioOf());
  expect(await startTimeOf(pid)).toBeUndefined();
  await expect(fetch(`http://127.0.0.1:${port}`)).rejects.toThrow();
  expect([await here.running(), await environmentFolders(here)]).toEqual([[], []]);
});

test('a process that was seen to descend from a service ends with the environment, also when it holds nothing of it any more', async () => {
  const here = await scene();
  // The parent of the daemon ends when it is told to: then nothing leads to the daemon but what was recorded.
  const start = `(${daemon('daemon', `${SILENT} 9>&-`)} while [ ! -e go ]; do sleep 0.1; done; echo 0 0 >gone) & exec node server.js`;
  const order = here.request({ api: start });
  await here.provider.deploy(order, ioOf());
  const [pid] = await told(here, 'daemon');
  const marker = (await readEnvironment(folderOf(here)))?.marker ?? '';
  await until(async () => (await recordedKin(folderOf(here), marker)).has(pid));
  await writeFile(path.join(here.config.stateHome, 'work', 'api', 'go'), '');
  await told(here, 'gone');
  await here.provider.destroy(order.name, ioOf());
  expect(await startTimeOf(pid)).toBeUndefined();
});

test('nobody else is ended: not who has a recorded pid but started at another time, who reads a log, or who runs beside', async () => {
  const here = await scene();
  const order = here.request({ api: 'exec node server.js' });
  await here.provider.deploy(order, ioOf());
  const folder = folderOf(here);
  const marker = (await readEnvironment(folder))?.marker ?? '';
  const reader = spawn('tail', ['-f', path.join(folder, 'api.log')], { stdio: 'ignore' });
  const reused = spawn('sleep', ['600'], { detached: true, stdio: 'ignore' });
  children.push(reader, reused);
  await until(async () => (await writersOf([path.join(folder, `${marker}.api.log`)])).length > 0);
  await writeFile(path.join(folder, `${marker}.other.kin`), `${reused.pid}:1;`);
  await here.provider.destroy(order.name, ioOf());
  expect([await startTimeOf(reader.pid ?? 0), await startTimeOf(reused.pid ?? 0)]).toEqual([
    expect.any(String),
    expect.any(String),
  ]);
});

test('an environment is not said to be gone while somebody listens on its port: the error says who', async () => {
  const here = await scene();
  const order = here.request({ api: 'exec node server.js' });
  const { addresses } = await here.provider.deploy(order, ioOf());
  const folder = folderOf(here);
  const record = await readEnvironment(folder);
  const port = Number(new URL(addresses['api'] ?? '').port);
  process.kill(record?.processes['api']?.pid ?? 0, 'SIGKILL');
  await until(async () => (await startTimeOf(record?.processes['api']?.pid ?? 0)) === undefined);
  const listen = `require('net').createServer().listen(${port}, '127.0.0.1', () => console.log('up'))`;
  const stranger = spawn(process.execPath, ['-e', listen], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(stranger.stdout, 'data');
  children.push(stranger);
  const why = `port: "shop/SPEC-1" is not gone: process ${stranger.pid} (node) still listens on port ${port} of "api"`;
  await expect(here.provider.destroy(order.name, ioOf())).rejects.toThrow(why);
  expect((await here.provider.status(order.name, ioOf())).state).toBe('sick');
  stranger.kill('SIGKILL');
  await once(stranger, 'exit');
  await here.provider.destroy(order.name, ioOf());
  expect((await here.provider.status(order.name, ioOf())).state).toBe('absent');
});

test('who listened on a port before the environment was made is none of it', async () => {
  const here = await scene();
  const order = here.request({ api: 'exec node server.js' });
  await here.provider.deploy(order, ioOf());
  const folder = folderOf(here);
  const record = await readEnvironment(folder);
  if (record === undefined) throw new Error('no record');
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
  await writeEnvironment(folder, { ...record, ports: { api: port } });
  await here.provider.destroy(order.name, ioOf());
  expect((await here.provider.status(order.name, ioOf())).state).toBe('absent');
  server.close();
});
