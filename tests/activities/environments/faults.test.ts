import { execFile, spawn } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from '@jest/globals';
import { DeployFailed } from '../../../activities/environments/errors.ts';
import type { DeployRequest } from '../../../activities/environments/index.ts';
import { listEnvironments } from '../../../activities/environments/process/record.ts';
import { Interruption } from '../../../activities/io.ts';
import { startTimeOf } from '../../../activities/process/identity.ts';
import { START, ask, environmentFolders, ioOf, scene, textsOf, until } from './scene.ts';
import type { Scene } from './scene.ts';

const MUTE = `node -e "require('net').createServer(() => {}).listen(process.env.PORT, '127.0.0.1')"`;

async function failure({ provider }: Scene, order: DeployRequest): Promise<unknown> {
  return provider.deploy(order, ioOf()).then(
    () => 'deployed',
    (error: unknown) => error,
  );
}

/** A program for a process of its own that calls the provider. */
function program({ config }: Scene, call: string): readonly string[] {
  const module = path.resolve(import.meta.dirname, '../../../activities/environments/process/provider.ts');
  const code = `
    import { processes } from ${JSON.stringify(module)};
    const provider = processes(${JSON.stringify(config)});
    const io = { signal: new AbortController().signal, progress() {} };
    await provider.${call};`;
  return ['--disable-warning=ExperimentalWarning', '--input-type=module', '--eval', code];
}

test('a service that dies fails the deployment at once, with its name and its last words', async () => {
  const here = await scene();
  const order = here.request({ api: START.good, web: 'echo "no database"; exit 3' }, { healthSeconds: 3600 });
  const error = await failure(here, order);
  expect(error).toBeInstanceOf(DeployFailed);
  expect(error).toMatchObject({
    name: 'DeployFailed',
    service: 'web',
    message: 'service "web" exited with code 3 before the environment was ready',
    logTail: 'no database\n',
  });
  expect(await here.running()).toEqual([]);
  expect(await textsOf(here.provider, { name: order.name, maxBytes: 100 })).toEqual({
    api: 'listening\n',
    web: 'no database\n',
  });
});

test.each([
  ['a signal', 'kill -KILL $$', 'was killed by SIGKILL'],
  ['going into the background', 'sleep 60 >/dev/null 2>&1 & exit 0', 'exited with code 0'],
  ['a program that is not there', 'exec no-such-program', 'exited with code 127'],
])('the failure says how a service ended, by %s', async (_by, start, how) => {
  const here = await scene();
  const error = await failure(here, here.request({ api: start }, { healthSeconds: 3600 }));
  expect(error).toMatchObject({ message: `service "api" ${how} before the environment was ready` });
});

test('a service that dies while the next one starts is the one that is named', async () => {
  const here = await scene();
  const dies = `node -e "require('http').createServer((q, s) => { s.end(); setTimeout(() => process.exit(1), 100) }).listen(process.env.PORT, '127.0.0.1')"`;
  const error = await failure(here, here.request({ api: dies, web: START.silent }, { healthSeconds: 3600 }));
  expect(error).toMatchObject({ name: 'DeployFailed', service: 'api' });
  expect(await here.running()).toEqual([]);
});

test.each([
  ['HTTP 503', START.answers(503)],
  ['HTTP 302', START.answers(302)],
  ['connection refused', START.silent],
  ['no answer in time', MUTE],
])('a service is not healthy while its answer is: %s', async (shown, start) => {
  const here = await scene();
  const error = await failure(here, here.request({ api: start }, { healthSeconds: 2 }));
  expect(error).toMatchObject({
    name: 'DeployFailed',
    service: 'api',
    message: `service "api" was not healthy after 2 s (${shown} from /healthz)`,
  });
  expect(await here.running()).toEqual([]);
});

test('a port that somebody else took is given up for another one', async () => {
  const here = await scene();
  const block = `node -e "require('net').createServer((s) => s.destroy()).listen(process.env.PORT, '127.0.0.1', () => require('fs').writeFileSync('blocked', ''))"`;
  const start = `if [ ! -e blocked ]; then ${block} & until [ -e blocked ]; do sleep 0.02; done; fi; exec node server.js`;
  const io = ioOf();
  const { addresses } = await here.provider.deploy(here.request({ api: start }), io);
  expect(io.steps).toEqual(['starting api', 'service "api" found its port taken: trying others', 'starting api']);
  const { pid } = await ask(addresses['api'] ?? '');
  expect(await here.running()).toEqual([pid]);
});

test('a port that is always taken is a failed deployment after three tries', async () => {
  const here = await scene();
  const start = 'echo try >>tries; cat tries >&2; echo "Error: listen EADDRINUSE: address already in use"; exit 1';
  const error = await failure(here, here.request({ api: start }));
  expect(error).toBeInstanceOf(DeployFailed);
  expect(error).toMatchObject({ name: 'DeployFailed', logTail: expect.stringMatching(/^(try\n){3}Error/) });
});

test("a fault of the host is not the candidate's", async () => {
  const here = await scene();
  const order = here.request({ api: START.good });
  const services = order.services.map((service) => ({ ...service, directory: '/does/not/exist' }));
  const error = await failure(here, { ...order, services });
  expect(error).not.toBeInstanceOf(DeployFailed);
  expect(error).toEqual(new Error('cannot start service "api" in /does/not/exist'));
});

test.each(['stop', 'detach'] as const)('an interruption by "%s" leaves no process behind', async (mode) => {
  const here = await scene();
  const controller = new AbortController();
  const order = here.request({ api: START.good, web: START.silent }, { healthSeconds: 3600 });
  const ended = here.provider.deploy(order, ioOf(controller)).catch((error: unknown) => error);
  await until(async () => (await here.running()).length >= 2);
  controller.abort(new Interruption(mode));
  expect(await ended).toBe(controller.signal.reason);
  expect(await here.running()).toEqual([]);
});

test('what a killed worker left half-made is replaced', async () => {
  const here = await scene();
  const half = here.request({ api: START.good, web: START.silent }, { healthSeconds: 3600 });
  const worker = spawn(process.execPath, program(here, `deploy(${JSON.stringify(half)}, io)`), { stdio: 'inherit' });
  await until(async () => (await here.running()).length >= 2);
  const dead = new Promise((resolve) => worker.once('exit', resolve));
  worker.kill('SIGKILL');
  await dead;
  const leftovers = await here.running();
  expect(leftovers.length).toBeGreaterThanOrEqual(2);
  await here.provider.deploy(here.request({ api: START.good, web: START.good }), ioOf());
  expect(await Promise.all(leftovers.map(startTimeOf))).toEqual(leftovers.map(() => undefined));
  expect(await here.running()).toHaveLength(2);
});

test('another process destroys an environment by its name alone', async () => {
  const here = await scene();
  const order = here.request({ api: START.good });
  await here.provider.deploy(order, ioOf());
  const pids = await here.running();
  await promisify(execFile)(process.execPath, program(here, `destroy(${JSON.stringify(order.name)})`));
  expect(await Promise.all(pids.map(startTimeOf))).toEqual(pids.map(() => undefined));
  expect(await environmentFolders(here)).toEqual([]);
});

test('of two calls at work on one name the later wins, and the earlier leaves nothing', async () => {
  const here = await scene();
  const slow = here.request({ api: START.silent }, { healthSeconds: 3600 });
  const first = failure(here, slow);
  await until(async () => (await here.running()).length > 0);
  const [before] = await listEnvironments(here.config.stateHome);
  const { addresses } = await here.provider.deploy(here.request({ api: START.good }), ioOf());
  expect(await first).toBeInstanceOf(Error);
  const [after] = await listEnvironments(here.config.stateHome);
  expect(after?.marker).not.toBe(before?.marker);
  expect(await here.running()).toEqual([(await ask(addresses['api'] ?? '')).pid]);
});

test('a call whose environment is destroyed meanwhile does not bring it back', async () => {
  const here = await scene();
  const order = here.request({ api: START.silent }, { healthSeconds: 3600 });
  const call = failure(here, order);
  await until(async () => (await here.running()).length > 0);
  const pids = await here.running();
  await here.provider.destroy(order.name, ioOf());
  expect(await call).toBeInstanceOf(Error);
  expect(await Promise.all(pids.map(startTimeOf))).toEqual(pids.map(() => undefined));
  expect(await environmentFolders(here)).toEqual([]);
});
