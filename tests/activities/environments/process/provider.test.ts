import { existsSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { openEnvironment } from '../../../../activities/environments/index.ts';
import { processes } from '../../../../activities/environments/process/provider.ts';
import { listEnvironments } from '../../../../activities/environments/process/record.ts';
import { startTimeOf } from '../../../../activities/process/identity.ts';
import { MARKER } from '../../../../activities/process/marked.ts';
import { COMMIT_A, COMMIT_B, START, ask, environmentFolders, ioOf, scene, textsOf, until } from '../scene.ts';

test.each(['none', 'process'] as const)(
  '%s: the same name twice is the same environment, and destroying is repeatable',
  async (name) => {
    const { config, request } = await scene();
    const provider = openEnvironment({ kind: name }, config);
    await provider.destroy('never/made', ioOf());
    expect(await textsOf(provider, { name: 'never/made', maxBytes: 100 })).toEqual({});
    const order = request({ api: START.good });
    const first = await provider.deploy(order, ioOf());
    expect(first).toMatchObject({ name: order.name, commits: { api: COMMIT_A } });
    expect(await provider.deploy(order, ioOf())).toEqual(first);
    await provider.destroy(order.name, ioOf());
    await provider.destroy(order.name, ioOf());
    expect(await textsOf(provider, { name: order.name, maxBytes: 100 })).toEqual({});
  },
);

test('services get their own port and folder, the addresses of all, and nothing of the host but the allow-list', async () => {
  process.env['CANARY_TOKEN'] = 'canary';
  const { provider, request, config } = await scene();
  const io = ioOf();
  const order = request({ api: START.good, 'web-front': START.good });
  const deployment = await provider.deploy(order, io);
  delete process.env['CANARY_TOKEN'];
  const { addresses } = deployment;
  const variables = { API_URL: addresses['api'], WEB_FRONT_URL: addresses['web-front'] };
  expect(deployment).toEqual({ name: order.name, commits: order.commits, addresses, variables });
  expect(new Set(Object.values(addresses)).size).toBe(2);
  for (const { key, directory } of order.services) {
    const url = addresses[key] ?? '';
    const { cwd, env } = await ask(url);
    expect(cwd).toBe(directory);
    const { PWD: _pwd, OLDPWD: _oldpwd, SHLVL: _level, _: _last, [MARKER]: marker, HOME: home, ...rest } = env;
    expect(rest).toEqual({ ...config.environment, ...variables, PORT: new URL(url).port, HOST: '127.0.0.1' });
    expect(marker).toMatch(/^[0-9a-f-]{36}$/);
    expect(home?.startsWith(path.join(config.stateHome, 'environments'))).toBe(true);
  }
  expect(io.steps).toEqual(['starting api', 'starting web-front']);
});

test('an environment outlives its maker: another provider finds it by name and commits', async () => {
  const { config, provider, request, running } = await scene();
  const order = request({ api: START.good, web: START.good });
  const first = await provider.deploy(order, ioOf());
  const pids = await running();
  expect(await processes(config).deploy(order, ioOf())).toEqual(first);
  expect(await running()).toEqual(pids);
});

test('other commits under the same name replace the environment', async () => {
  const { provider, request, running } = await scene();
  const before = await provider.deploy(request({ api: START.good }), ioOf());
  const { pid } = await ask(before.addresses['api'] ?? '');
  const after = await provider.deploy(request({ api: START.good }, { commits: { api: COMMIT_B } }), ioOf());
  expect(after.commits).toEqual({ api: COMMIT_B });
  expect(await startTimeOf(pid)).toBeUndefined();
  expect(await running()).not.toEqual([]);
});

test('an environment with a dead service is made anew as a whole', async () => {
  const { provider, request } = await scene();
  const order = request({ api: START.good, web: START.good });
  const first = await provider.deploy(order, ioOf());
  const api = await ask(first.addresses['api'] ?? '');
  const web = await ask(first.addresses['web'] ?? '');
  process.kill(web.pid, 'SIGKILL');
  await until(async () => (await startTimeOf(web.pid)) === undefined);
  const second = await provider.deploy(order, ioOf());
  expect(await startTimeOf(api.pid)).toBeUndefined();
  expect((await ask(second.addresses['web'] ?? '')).cwd).toBe(web.cwd);
});

test('an environment whose service lives but is not well any more is made anew', async () => {
  const { provider, request } = await scene();
  const sick = `node -e "let asked = 0; require('http').createServer((q, s) => { s.statusCode = asked++ ? 500 : 200; s.end() }).listen(process.env.PORT, '127.0.0.1')"`;
  const first = await provider.deploy(request({ api: sick }), ioOf());
  expect((await fetch(first.addresses['api'] ?? '')).status).toBe(500);
  const second = await provider.deploy(request({ api: sick }), ioOf());
  expect(second.addresses).not.toEqual(first.addresses);
});

test('logs end with what each service wrote last, and are never longer than asked for', async () => {
  const { provider, request } = await scene();
  const loud = `node -e "console.log('x'.repeat(60000) + 'the end')"; exec node server.js`;
  const order = request({ api: loud, web: START.good });
  await provider.deploy(order, ioOf());
  const end = 'the end\nlistening\n';
  expect(await textsOf(provider, { name: order.name, maxBytes: 20 })).toEqual({
    api: 'xxxxxxxxxxxxxxxxxxxx'.slice(end.length) + end,
    web: 'listening\n',
  });
  expect((await textsOf(provider, { name: order.name, maxBytes: 100_000 }))['api']).toHaveLength(60_000 + end.length);
});

test('every environment of a host can be listed with its commits', async () => {
  const { config, provider, request } = await scene();
  expect(await listEnvironments(config.stateHome)).toEqual([]);
  for (const name of ['a/b', 'a_b']) await provider.deploy(request({ api: START.good }, { name }), ioOf());
  const records = await listEnvironments(config.stateHome);
  const shown = records.map(({ name, commits, ready }) => ({ name, commits, ready }));
  expect(shown.toSorted((a, b) => a.name.localeCompare(b.name))).toEqual(
    ['a_b', 'a/b'].map((name) => ({ name, commits: { api: COMMIT_A }, ready: true })),
  );
});

test('destroying leaves no folder and no process, not even one that left its session', async () => {
  const here = await scene();
  const order = here.request({
    api: 'setsid sleep 60 & sh -c "trap : TERM; sleep 60; sleep 60" & exec node server.js',
  });
  await here.provider.deploy(order, ioOf());
  const pids = await here.running();
  expect(pids.length).toBeGreaterThanOrEqual(4);
  await here.provider.destroy(order.name, ioOf());
  expect(await Promise.all(pids.map(startTimeOf))).toEqual(pids.map(() => undefined));
  expect(await environmentFolders(here)).toEqual([]);
});

test('destroying ends a service that has overwritten the mark that it is found by', async () => {
  const here = await scene();
  const order = here.request({ api: `exec env -i PORT="$PORT" HOST="$HOST" "${process.execPath}" server.js` });
  const { addresses } = await here.provider.deploy(order, ioOf());
  const { pid } = await ask(addresses['api'] ?? '');
  expect(await here.running()).not.toContain(pid);
  await here.provider.destroy(order.name, ioOf());
  expect(await startTimeOf(pid)).toBeUndefined();
  await expect(fetch(addresses['api'] ?? '')).rejects.toThrow();
});

test('a command in an environment ends when it ends, with what it left in the background, and the services run on', async () => {
  const here = await scene();
  const order = here.request({ api: START.good });
  await here.provider.deploy(order, ioOf());
  const request = { name: order.name, service: 'api', run: 'sleep 600 & echo hi $!; exit 3', seconds: 500 };
  const { seconds, ...ran } = await here.provider.exec(request, ioOf());
  const said = expect.stringMatching(/^hi \d+\n$/);
  expect(ran).toEqual({ exitCode: 3, stdout: said, output: said, timedOut: false });
  expect(seconds).toBeLessThan(300);
  expect(await startTimeOf(Number(ran.stdout.slice(3)))).toBeUndefined();
  expect((await here.provider.status(order.name, ioOf())).state).toBe('ready');
});

test('a command in an environment that is at work when that is destroyed ends with it', async () => {
  const here = await scene();
  const order = here.request({ api: START.good });
  await here.provider.deploy(order, ioOf());
  const begun = path.join(here.config.stateHome, 'begun');
  const run = `touch ${begun}; exec sleep 600`;
  const ran = here.provider.exec({ name: order.name, service: 'api', run, seconds: 500 }, ioOf());
  await until(async () => existsSync(begun));
  await here.provider.destroy(order.name, ioOf());
  expect((await ran).exitCode).toBe(null);
});
