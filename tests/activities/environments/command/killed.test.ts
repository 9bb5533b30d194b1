import { existsSync, readFileSync, readdirSync, readlinkSync, writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { command } from '../../../../activities/environments/command/provider.ts';
import type { DeployRequest, EnvironmentProvider } from '../../../../activities/environments/index.ts';
import type { CommandSettings } from '../../../../domain/environment.ts';
import type { Order } from '../../../support/environments/one-call.ts';
import { callApart } from '../killed.ts';
import { ioOf, scene } from '../scene.ts';

const TRACKER = path.resolve(import.meta.dirname, '../../../support/environments/tracker.ts');
const VERBS = ['provision', 'deploy', 'status', 'list', 'logs', 'exec', 'destroy'];

interface Tracked {
  readonly commits: Readonly<Record<string, string>>;
  readonly services: Readonly<Record<string, { readonly pid: number; readonly port: number }>>;
}

interface Place {
  readonly request: DeployRequest;
  readonly provider: EnvironmentProvider;
  order(call: Order['call'], dieAt?: string): Order;
  /** The tracker's records. */
  records(): readonly Tracked[];
  /** Whether the tracker has come to the point where it takes long. */
  isThere(): boolean;
  /** Pids of the tracker's programs that are at work. */
  atWork(): readonly number[];
  /** Pids of services that run in the worktrees, by whoever started them. */
  running(): readonly number[];
}

/** Two services behind a tracker that takes long at one point, once. */
async function place(slow: string): Promise<Place> {
  const { config, request: requestOf } = await scene();
  const { stateHome } = config;
  const home = path.join(stateHome, 'tracker');
  await mkdir(home);
  writeFileSync(path.join(home, 'mode'), `slow ${slow}`);
  const run = `"${process.execPath}" --disable-warning=ExperimentalWarning "${TRACKER}"`;
  const choice: CommandSettings = {
    ...{ kind: 'command', directory: stateHome, env: ['TRACKER_HOME'], seconds: 120 },
    health: { api: '/healthz', web: '/healthz' },
    commands: Object.fromEntries(VERBS.map((verb) => [verb, `${run} ${verb}`])),
  };
  const variables = { TRACKER_HOME: home };
  const request = { ...requestOf({ api: '', web: '' }), healthSeconds: 30 };
  const within = (folder: string): readonly string[] => (existsSync(folder) ? readdirSync(folder) : []);
  return {
    request,
    provider: command({ ...config, secret: () => home }, choice),
    order: (call, dieAt) => ({
      ...{ choice, stateHome, variables, call, request },
      ...(dieAt === undefined ? {} : { dieAt }),
    }),
    records: () =>
      within(home)
        .filter((name) => name.endsWith('.json'))
        .map((name): Tracked => JSON.parse(readFileSync(path.join(home, name), 'utf8') || '{"services":{}}')),
    isThere: () => !existsSync(path.join(home, 'mode')),
    atWork: () => programs(TRACKER, stateHome),
    running: () => programs('server.js', path.join(stateHome, 'work')),
  };
}

/** Pids of Node programs of this name that work at or below the folder. */
function programs(name: string, folder: string): readonly number[] {
  const pids = readdirSync('/proc').filter((entry) => /^\d+$/.test(entry));
  return pids
    .filter((pid) => {
      try {
        const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
        const own = words[0]?.endsWith('node') === true && words.includes(name);
        return own && readlinkSync(`/proc/${pid}/cwd`).startsWith(folder);
      } catch {
        return false;
      }
    })
    .map(Number);
}

test.each<[string, string, string | undefined]>([
  ['before it provisions', '', 'provisioning shop/SPEC-1'],
  ['while it provisions', 'provision', undefined],
  ['between the two', '', 'deploy shop/SPEC-1'],
  ['with one of two services started', 'api', undefined],
  ['with both started', 'web', undefined],
])(
  'a worker killed in a deployment %s: the next one makes one environment, and none is left',
  async (_, slow, dieAt) => {
    const at = await place(slow);
    const killed = await callApart(
      at.order('deploy', dieAt),
      dieAt === undefined ? async () => at.isThere() : undefined,
    );
    expect([killed.signal, killed.result]).toEqual(['SIGKILL', undefined]);
    expect(at.atWork()).toHaveLength(dieAt === undefined ? 1 : 0);
    const { result, error } = await callApart(at.order('deploy'));
    expect([error, result?.commits, at.atWork()]).toEqual(['', at.request.commits, []]);
    expect(at.records()).toHaveLength(1);
    const services = Object.values(at.records()[0]?.services ?? {});
    expect(at.running()).toHaveLength(services.length);
    expect(Object.values(result?.addresses ?? {})).toEqual(services.map(({ port }) => `http://127.0.0.1:${port}`));
    expect(await at.provider.list(ioOf())).toEqual([
      { name: at.request.name, owner: at.request.owner, state: 'ready' },
    ]);
    await callApart(at.order('destroy'));
    expect([at.records(), at.running(), at.atWork()]).toEqual([[], [], []]);
  },
);

test('a worker killed in the middle of destroying: the next one leaves nothing', async () => {
  const at = await place('destroy');
  await at.provider.deploy(at.request, ioOf());
  expect(at.running()).toHaveLength(2);
  const killed = await callApart(at.order('destroy'), async () => at.isThere());
  expect([killed.signal, at.atWork().length]).toEqual(['SIGKILL', 1]);
  expect((await callApart(at.order('destroy'))).error).toBe('');
  expect([at.records(), at.running(), at.atWork()]).toEqual([[], [], []]);
});

test('what a deployment has left running stays when the next call finds it well', async () => {
  const at = await place('');
  const first = await callApart(at.order('deploy'));
  const pids = at.running();
  expect((await callApart(at.order('deploy'))).result).toEqual(first.result);
  expect(at.running()).toEqual(pids);
  await at.provider.destroy(at.request.name, ioOf());
  expect(at.running()).toEqual([]);
});
