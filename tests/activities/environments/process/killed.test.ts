import { existsSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { environmentFolder, readEnvironment } from '../../../../activities/environments/process/record.ts';
import type { DeployRequest } from '../../../../activities/environments/index.ts';
import type { Order } from '../../../support/environments/one-call.ts';
import { callApart, traces, worldOf } from '../killed.ts';
import { START, ask, ioOf, scene } from '../scene.ts';
import type { Scene } from '../scene.ts';

interface Place {
  readonly here: Scene;
  readonly request: DeployRequest;
  readonly folder: string;
  order(call: Order['call'], dieAt?: string): Order;
}

/** Two services; the first takes a moment to come up, and a moment to end. */
async function place(): Promise<Place> {
  const here = await scene();
  const { stateHome } = here.config;
  const slow = `trap 'touch ../ending; sleep 0.4; exit 0' TERM; touch ../begun; sleep 0.4; node server.js & wait`;
  const request = here.request({ api: slow, web: START.good });
  return {
    here,
    request,
    folder: environmentFolder(stateHome, request.name),
    order: (call, dieAt) => ({
      ...{ choice: { kind: 'process' }, stateHome, variables: {}, call, request },
      ...(dieAt === undefined ? {} : { dieAt }),
    }),
  };
}

const work = ({ here }: Place, file: string): boolean => existsSync(path.join(here.config.stateHome, 'work', file));

/** Holds when nothing of any environment is left: no process, no record, no claim, no listener. */
async function expectNothing({ here }: Place, addresses: readonly string[]): Promise<void> {
  const { stateHome } = here.config;
  expect([[...(await worldOf(stateHome))], await traces(stateHome)]).toEqual([[], []]);
  for (const address of addresses) await expect(fetch(address)).rejects.toThrow();
}

type Moment = readonly [string, string | undefined, ((at: Place) => Promise<boolean>) | undefined];

test.each<Moment>([
  ['before its first step', 'called', undefined],
  ['with the record written', undefined, async ({ folder }) => (await readEnvironment(folder)) !== undefined],
  ['with the ports claimed', 'starting api', undefined],
  ['with the first service coming up', undefined, async (at) => work(at, 'begun')],
  ['with the first service up', 'starting web', undefined],
  ['with all services up', undefined, async ({ folder }) => (await readEnvironment(folder))?.ready === true],
])(
  'a worker killed in a deployment %s: the next one makes one environment, and none is left',
  async (_, dieAt, when) => {
    const at = await place();
    const { here, request } = at;
    const killed = await callApart(at.order('deploy', dieAt), when === undefined ? undefined : () => when(at));
    if (dieAt !== undefined) expect(killed).toMatchObject({ signal: 'SIGKILL', result: undefined });
    const { result, error } = await callApart(at.order('deploy'));
    expect([error, result?.commits]).toEqual(['', request.commits]);
    const addresses = Object.values(result?.addresses ?? {});
    const record = await readEnvironment(at.folder);
    expect([...(await worldOf(here.config.stateHome)).keys()]).toEqual([`SPEC_TO_PR_JOB=${record?.marker}`]);
    expect((await here.provider.status(request.name, ioOf())).services).toEqual({ api: 'healthy', web: 'healthy' });
    const pids = await Promise.all(addresses.map(async (address) => (await ask(address)).pid));
    expect(new Set(pids).size).toBe(2);
    expect(await here.provider.list(ioOf())).toEqual([{ name: request.name, owner: request.owner }]);
    await callApart(at.order('destroy'));
    await expectNothing(at, addresses);
  },
);

test.each<Moment>([
  ['before its first step', 'called', undefined],
  ['with the services ending', undefined, async (at) => work(at, 'ending')],
  ['with the processes gone', undefined, async ({ here }) => (await worldOf(here.config.stateHome)).size === 0],
  ['with the record gone', undefined, async ({ folder }) => !existsSync(folder)],
])('a worker killed while it destroys %s: the next one leaves nothing', async (_, dieAt, when) => {
  const at = await place();
  const { addresses } = await at.here.provider.deploy(at.request, ioOf());
  const killed = await callApart(at.order('destroy', dieAt), when === undefined ? undefined : () => when(at));
  if (dieAt !== undefined) expect(killed.signal).toBe('SIGKILL');
  expect((await callApart(at.order('destroy'))).error).toBe('');
  await expectNothing(at, Object.values(addresses));
  expect((await at.here.provider.status(at.request.name, ioOf())).state).toBe('absent');
});

test('a deployment that is destroyed before it is made again leaves nothing, wherever its worker was killed', async () => {
  const at = await place();
  for (const step of ['starting api', 'starting web']) {
    await callApart(at.order('deploy', step));
    await callApart(at.order('destroy'));
    await expectNothing(at, []);
  }
  await callApart(at.order('provision', 'called'));
  expect((await callApart(at.order('provision'))).result).toMatchObject({ state: 'absent' });
  await expectNothing(at, []);
});
