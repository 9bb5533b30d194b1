import { rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { answer } from '../../workflows/contract.ts';
import { closedPort, mayMount, mountSmallDisk, openPort, takePort } from '../support/broken-host.ts';
import { TOKEN, startGitHub } from '../support/github/server.ts';
import type { GitHub, Refusal } from '../support/github/server.ts';
import { SUITE_FILES, shows, suiteProject } from '../support/suite.ts';
import type { SuiteProject } from '../support/suite.ts';
import { activitiesOf, environmentsOf, sessionsOf, stageOfFile } from '../support/whole-runs.ts';

const NAMES = ['closed', 'reading', 'forbidden', 'push-401', 'push-403', 'api-401', 'api-403'];
let hub: GitHub;
const mended: (() => Promise<void>)[] = [];
const stage = stageOfFile('infrastructure', async (root) => {
  hub = await startGitHub(root, Object.fromEntries(NAMES.map((name) => [name, SUITE_FILES])));
  return { HUB_TOKEN: TOKEN };
});
afterAll(async () => {
  for (const undo of mended) await undo();
  await hub.stop();
});

/** A part of the project file that leads into a fault, and what mends it. */
interface Broken {
  readonly file: NonNullable<SuiteProject['file']>;
  mend(): Promise<void>;
}

interface Row {
  readonly title: string;
  broken(): Promise<Broken>;
  readonly why: RegExp;
  /** The sessions before the fault can show. */
  readonly sessions: readonly string[];
  /** How often the candidate was deployed when a person is asked, and in the end. */
  readonly deployed: readonly [asked: number, ended: number];
}

function onHub(name: string, url = hub.url): Broken['file'] {
  const api = { url: `${url}/acme/${name}.git`, start: 'node server.js' };
  return { repositories: { api }, forge: { kind: 'github', api_url: url, token_env: 'HUB_TOKEN' } };
}

function refused(name: string, refusal: Refusal): Broken {
  hub.refuse(name, refusal);
  return { file: onHub(name), mend: async () => hub.accept(name) };
}

const byCommand = (commands: Readonly<Record<string, string>>): Broken['file'] => ({
  environment: { kind: 'command', commands: { deploy: 'echo commit.api=$API_COMMIT', destroy: 'true', ...commands } },
});

/** A command line that asks the host and port that a file names. */
const asks = (file: string): string =>
  `node -e "fetch('http://' + require('fs').readFileSync('${file}')).catch((error) => { console.error(error); process.exit(1) })"`;

async function noSuchName(): Promise<Broken> {
  const file = path.join(stage.root, 'name');
  await writeFile(file, 'no-such-host.invalid');
  const deploy = `${asks(file)} && echo commit.api=$API_COMMIT`;
  return { file: byCommand({ deploy }), mend: () => writeFile(file, new URL(hub.url).host) };
}

/** Opens a port that was closed: the hub answers there. */
async function opened(port: number): Promise<void> {
  const { free } = await openPort(port, Number(new URL(hub.url).port));
  mended.push(free);
}

async function closedRemote(): Promise<Broken> {
  const port = await closedPort();
  return { file: onHub('closed', `http://127.0.0.1:${port}`), mend: () => opened(port) };
}

async function closedProvider(): Promise<Broken> {
  const port = await closedPort();
  const file = path.join(stage.root, 'provider');
  await writeFile(file, `127.0.0.1:${port}`);
  return { file: byCommand({ provision: asks(file) }), mend: () => opened(port) };
}

async function occupied(): Promise<Broken> {
  const { port, free } = await takePort();
  const listens = `for (const port of [process.env.PORT, ${port}]) require('http').createServer((q, s) => s.end()).listen(port, '127.0.0.1')`;
  return { file: { repositories: { api: { url: './api.git', start: `node -e "${listens}"` } } }, mend: free };
}

async function fullDisk(): Promise<Broken> {
  const { folder, remove } = await mountSmallDisk();
  mended.push(remove);
  const big = path.join(folder, 'big');
  await writeFile(big, Buffer.alloc(2 ** 20));
  const deploy = `cp "$API_DIR/suite.js" ${folder}/state && echo commit.api=$API_COMMIT`;
  return { file: byCommand({ deploy }), mend: () => rm(big) };
}

const ONE = ['implement-1'];
const ROWS: readonly Row[] = [
  {
    title: 'a remote behind a closed port',
    broken: closedRemote,
    why: /^plan: git fetch failed \(exit 128\): fatal: unable to access 'http:\/\/127\.0\.0\.1:\d+\/acme\/closed\.git\/': Failed to connect/,
    sessions: [],
    deployed: [0, 1],
  },
  {
    title: 'a token that is revoked at reading',
    broken: async () => refused('reading', { at: 'read', status: 401 }),
    why: /^plan: http:\/\/127\.0\.0\.1:\d+\/acme\/reading\.git refuses the credentials: check the forge's token$/,
    sessions: [],
    deployed: [0, 1],
  },
  {
    title: 'a token that may not read',
    broken: async () => refused('forbidden', { at: 'read', status: 403 }),
    why: /^plan: http:\/\/127\.0\.0\.1:\d+\/acme\/forbidden\.git denies access: the token lacks the permission$/,
    sessions: [],
    deployed: [0, 1],
  },
  {
    title: 'a name that does not resolve',
    broken: noSuchName,
    why: /^e2e: environment: dns: "deploy" ended with exit code 1: .*getaddrinfo \w+ no-such-host\.invalid/,
    sessions: ONE,
    deployed: [2, 3],
  },
  {
    title: 'a provider behind a closed port',
    broken: closedProvider,
    why: /^e2e: environment: refused: "provision" ended with exit code 1: .*connect ECONNREFUSED 127\.0\.0\.1:\d+/,
    sessions: ONE,
    deployed: [2, 3],
  },
  {
    title: 'an occupied port',
    broken: occupied,
    why: /^e2e: environment: port: service "api" found its port taken: another process has \d+/,
    sessions: ONE,
    deployed: [2, 3],
  },
  {
    title: 'a push with a revoked token',
    broken: async () => refused('push-401', { at: 'push', status: 401 }),
    why: /^push: http:\/\/127\.0\.0\.1:\d+\/acme\/push-401\.git refuses the credentials: check the forge's token$/,
    sessions: ONE,
    deployed: [1, 1],
  },
  {
    title: 'a push without permission',
    broken: async () => refused('push-403', { at: 'push', status: 403 }),
    why: /^push: http:\/\/127\.0\.0\.1:\d+\/acme\/push-403\.git denies access: the token lacks the permission$/,
    sessions: ONE,
    deployed: [1, 1],
  },
  {
    title: 'a pull request with a revoked token',
    broken: async () => refused('api-401', { at: 'api', status: 401 }),
    why: /^pullRequest: GitHub refuses the token for http:\/\/127\.0\.0\.1:\d+\/acme\/api-401\.git: check the variable that holds it$/,
    sessions: ONE,
    deployed: [1, 1],
  },
  {
    title: 'a pull request without permission',
    broken: async () => refused('api-403', { at: 'api', status: 403 }),
    why: /^pullRequest: GitHub denies access to http:\/\/127\.0\.0\.1:\d+\/acme\/api-403\.git: Resource not accessible/,
    sessions: ONE,
    deployed: [1, 1],
  },
];

/** Plays a run into the fault, mends it, and answers `retry`. */
async function mendedRun({
  workId,
  broken,
  why,
  sessions,
  deployed,
}: Row & { readonly workId: string }): Promise<void> {
  const { file, mend } = await broken();
  const attempts = [[{ spend: { usd: 0.25, tokens: 7 } }, shows({ passing: 3 })]];
  const { project, text } = await suiteProject(stage, workId, { attempts, file });
  const handle = await stage.product.start({ project, text, workId });
  const waiting = await stage.product.settled(workId);
  expect([waiting.escalation?.trip, waiting.attempts.length, waiting.usd, await sessionsOf(stage, workId)]).toEqual([
    { reason: 'infrastructure', why: expect.stringMatching(why) },
    sessions.length,
    0.25 * sessions.length,
    sessions,
  ]);
  const deployments = async (): Promise<number> =>
    (await activitiesOf(handle)).filter((id) => id.startsWith('deploy:')).length;
  expect(await deployments()).toBe(deployed[0]);
  await mend();
  await handle.executeUpdate(answer, { args: [{ decision: 'retry' }] });
  const run = await handle.result();
  expect([run.ending, run.why, run.attempts.length, run.pullRequests.length, run.usd]).toEqual([
    'completed',
    ...['', 1, 1, 0.25],
  ]);
  expect(await sessionsOf(stage, workId)).toEqual(sessions.length === 0 ? ['implement-1.1'] : sessions);
  expect([await deployments(), await environmentsOf(stage, workId)]).toEqual([deployed[1], []]);
}

test.concurrent.each(ROWS.map((row, index) => ({ ...row, workId: `INFRA-${index + 1}-END` })))(
  'infrastructure costs no attempt and no session, and a retry after mending ends well: $title',
  mendedRun,
  90_000,
);

test('a gate that throws is not tried for hours: after twenty times a person is asked', async () => {
  const { project, text } = await suiteProject(stage, 'LIMITED', {
    attempts: [[shows({ passing: 3 })]],
    file: byCommand({ deploy: 'sleep 60' }),
  });
  const handle = await stage.product.start({ project, text, workId: 'LIMITED' });
  const limit = async (): Promise<number | null | undefined> =>
    (await handle.describe()).raw.pendingActivities?.find(({ activityId }) => activityId === 'deploy:1')
      ?.maximumAttempts;
  while ((await limit()) === undefined) await new Promise((resolve) => setTimeout(resolve, 100));
  expect(await limit()).toBe(20);
  await handle.cancel();
  await expect(handle.result()).rejects.toThrow();
}, 60_000);

const mounting = mayMount() ? test : test.skip;
mounting('so does a full disk (skipped where this user may not mount a small one)', () => {
  const why = /^e2e: environment: disk: "deploy" ended with exit code 1: .*No space left on device/;
  return mendedRun({ title: 'a full disk', broken: fullDisk, why, sessions: ONE, deployed: [2, 3], workId: 'DISK' });
});
