import { execFileSync } from 'node:child_process';
import { expect, test } from '@jest/globals';
import { DeployFailed } from '../../../../activities/environments/errors.ts';
import { openEnvironment } from '../../../../activities/environments/index.ts';
import type { ProcessCaps } from '../../../../domain/environment.ts';
import { START, ioOf, scene, textsOf, until } from '../scene.ts';
import type { Scene } from '../scene.ts';

const capped = ({ config }: Scene, caps: ProcessCaps): ReturnType<typeof openEnvironment> =>
  openEnvironment({ kind: 'process', ...caps }, config);
/** A service that answers once it has done this. */
const after = (work: string): string => `node -e "${work}; setTimeout(() => import('./server.js'), 3000)"`;
const FILL = 'const kept = []; for (let n = 0; n < 20; n += 1) kept.push(Buffer.alloc(16 * 1024 * 1024, 1))';

test.each<[string, ProcessCaps, string, RegExp]>([
  [
    'memory',
    { memoryMb: 200 },
    after(FILL),
    /^service "api" was ended: it used \d{3} MB of memory, its cap is 200 MB$/,
  ],
  [
    'processes',
    { processes: 6 },
    'for n in 1 2 3 4 5 6 7 8; do sleep 30 & done; wait',
    /^service "api" was ended: it had 9 processes, its cap is 6$/,
  ],
  [
    'CPU time',
    { cpuSeconds: 1 },
    'while :; do :; done',
    /^service "api" was ended: it used \d+ s of CPU, its cap is 1 s$/,
  ],
])('a service that comes up above its cap of %s is a failed deployment that says so', async (_, caps, start, why) => {
  const here = await scene();
  const provider = capped(here, caps);
  const order = here.request({ api: start });
  const error = await provider.deploy({ ...order, healthSeconds: 40 }, ioOf()).catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(DeployFailed);
  expect(error instanceof Error ? error.message : '').toMatch(why);
  await provider.destroy(order.name, ioOf());
  expect(await here.running()).toEqual([]);
});

test('a service that grows above its cap later is ended with all it started, and the environment is sick and says why', async () => {
  const here = await scene();
  const provider = capped(here, { memoryMb: 250, openFiles: 256 });
  const grows = `sleep 60 & exec node -e "import('./server.js').then(() => setTimeout(() => { ${FILL}; globalThis.kept = kept; }, 2500))"`;
  const order = here.request({ api: grows, web: START.good });
  await provider.deploy(order, ioOf());
  expect((await provider.status(order.name, ioOf())).services).toEqual({ api: 'healthy', web: 'healthy' });
  await until(async () => (await provider.status(order.name, ioOf())).state === 'sick');
  const said = expect.stringMatching(/^ended: it used \d{3} MB of memory, its cap is 250 MB$/);
  expect((await provider.status(order.name, ioOf())).services).toEqual({ api: said, web: 'healthy' });
  const commands = execFileSync('ps', ['-o', 'args=', '-p', (await here.running()).join(',')], { encoding: 'utf8' });
  expect(commands).not.toContain('sleep 60');
  await provider.destroy(order.name, ioOf());
  expect(await here.running()).toEqual([]);
});

test('services below their caps run, with the open files that they may have', async () => {
  const here = await scene();
  const provider = capped(here, { memoryMb: 2000, processes: 50, cpuSeconds: 600, openFiles: 123 });
  const order = here.request({ api: 'ulimit -n; exec node server.js' });
  await provider.deploy(order, ioOf());
  expect((await textsOf(provider, { name: order.name, maxBytes: 100 }))['api']).toBe('123\nlistening\n');
  expect((await here.running()).length).toBeGreaterThan(1);
  await provider.destroy(order.name, ioOf());
  expect(await here.running()).toEqual([]);
});
