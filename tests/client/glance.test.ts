import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { execa } from 'execa';
import getPort from 'get-port';
import { glance } from '../../client/glance.ts';
import { startRun } from '../../client/runs.ts';
import { parseProject } from '../../formats/project.ts';
import { temporaryFolder } from '../support/folder.ts';
import { startProduct } from '../support/product.ts';
import type { Product } from '../support/product.ts';
import { bareRepository } from '../support/repository.ts';
import { until } from '../support/until.ts';

const CLI = path.resolve(import.meta.dirname, '../../client/main.ts');
const IDLE = '{ say: All done! }';

let product: Product;
let home = '';
let uiPort = 0;

beforeAll(async () => {
  home = await realpath(await mkdtemp(path.join(tmpdir(), 'spec-to-pr-glance-')));
  uiPort = await getPort();
  product = await startProduct(home, {}, uiPort);
  const record = { address: product.server.address, ui: `http://127.0.0.1:${uiPort}` };
  await writeFile(path.join(home, 'server.json'), JSON.stringify(record));
}, 60_000);

afterAll(async () => {
  await product.stop();
  await rm(home, { recursive: true, force: true });
}, 60_000);

async function started(workId: string, step: string) {
  const folder = path.join(home, `of-${workId}`);
  await mkdir(folder);
  bareRepository(folder, 'api', { 'test.sh': 'true\n' });
  await writeFile(path.join(folder, 'agent.yaml'), `attempts: [{ steps: [${step}] }]`);
  const text = `project: shop
repositories: { api: { url: ./api.git, checks: { unit: sh test.sh } } }
agent: { name: scripted, script: agent.yaml }
limits: { project_usd: 500, project_per: month }
`;
  const project = parseProject({ text, name: 'spec-to-pr.yaml', directory: folder });
  const { client, address } = product.server;
  const session = { client, namespace: 'default', address, close: async () => undefined };
  const source = { kind: 'inline', name: 'test', text: '# F\n\n- It works.\n' } as const;
  await startRun(session, { workId, source, project }, { newRun: false, title: 'F' });
  return client.workflow.getHandle(`shop/${workId}`);
}

const look = (id: string, whole = false, place = home) =>
  glance({ environment: { HOME: home }, home: place, id, whole });

/** What `status` prints, without what differs from moment to moment and the link that only the embedded server has. */
async function status(words: string, variables: Readonly<Record<string, string>> = {}) {
  const env = { PATH: process.env['PATH'] ?? '', HOME: home, SPEC_TO_PR_HOME: home, ...variables };
  const { exitCode, stdout, stderr } = await execa(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', CLI, 'status', ...words.split(' ')],
    { env, extendEnv: false, reject: false },
  );
  const lines = stdout.split('\n').filter((line) => !line.includes('Temporal UI:'));
  return { exitCode, stderr, lines: lines.map((line) => line.replace(/ · [\d ms]+$/, '')) };
}

test('status says the same by the HTTP API of the embedded server as by the client of Temporal', async () => {
  const [works, stopped] = [await started('WORKS', '{ wait: 600000 }'), await started('STOPPED', '{ wait: 600000 }')];
  await started('WAITS', IDLE);
  await started('ENDED', IDLE);
  await product.settled('ENDED');
  await product.server.client.workflow.getHandle('shop/ENDED').signal('answer', { decision: 'abort', by: 'p' });
  await product.server.client.workflow.getHandle('shop/ENDED').result();
  await product.settled('WAITS');
  await stopped.cancel();
  await stopped.result().catch(() => undefined);
  await until(async () => ((await look('WORKS'))?.activity ?? []).includes('implement: started'));
  const external = { TEMPORAL_ADDRESS: product.server.address };
  const codes: Record<string, number | undefined> = {};
  for (const words of ['WORKS', 'WAITS', 'ENDED', 'STOPPED --json', 'shop/WAITS --json']) {
    const [quick, thorough] = await Promise.all([status(words), status(words, external)]);
    expect(quick).toEqual(thorough);
    codes[words] = quick.exitCode;
  }
  expect(codes).toEqual({ WORKS: 0, WAITS: 3, ENDED: 1, 'STOPPED --json': 1, 'shop/WAITS --json': 3 });
  await works.cancel();
  await works.result().catch(() => undefined);
}, 120_000);

test('a look at a run has its activities, its budget and the link, where it is live', async () => {
  expect(await look('WAITS')).toEqual({
    run: expect.objectContaining({ workId: 'WAITS', ending: null }),
    live: true,
    activity: [],
    ledger: [expect.stringMatching(/^budget of shop: \$\d+\.\d\d of \$500\.00 /)],
    ui: `http://127.0.0.1:${uiPort}`,
    namespace: 'default',
  });
  const ended = { live: false, activity: [], ledger: [] };
  expect(await look('ENDED')).toMatchObject({ ...ended, run: { ending: 'aborted' } });
  expect(await look('STOPPED', true)).toMatchObject({ ...ended, run: { ending: 'cancelled' } });
});

test('nothing is seen of a run that is not there, of a server of the user, without a server, and without a worker', async () => {
  expect(await look('NONE')).toBeUndefined();
  expect(await look('shop/NONE')).toBeUndefined();
  const named = { environment: { HOME: home, TEMPORAL_ADDRESS: product.server.address }, home, id: 'WAITS' };
  expect(await glance({ ...named, whole: false })).toBeUndefined();
  const elsewhere = await temporaryFolder();
  expect(await look('WAITS', false, elsewhere)).toBeUndefined();
  const gone = { address: '127.0.0.1:1', ui: `http://127.0.0.1:${await getPort()}` };
  await writeFile(path.join(elsewhere, 'server.json'), JSON.stringify(gone));
  expect(await look('WAITS', false, elsewhere)).toBeUndefined();
  await product.dismiss();
  expect(await look('WAITS')).toBeUndefined();
  expect(await look('ENDED')).toMatchObject({ live: false });
}, 60_000);
