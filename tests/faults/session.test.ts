import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, expect, test } from '@jest/globals';
import { DefaultLogger, Runtime, Worker, bundleWorkflowCode } from '@temporalio/worker';
import { runFolder } from '../../activities/folders.ts';
import { mirrorFolder } from '../../activities/git/host.ts';
import { readRecord } from '../../activities/process/job.ts';
import { findMarked } from '../../activities/process/marked.ts';
import { DEFAULT_SANDBOX } from '../../domain/project.ts';
import type { Run } from '../../domain/run.ts';
import { temporaryFolder } from '../support/folder.ts';
import { startModel } from '../support/model/messages.ts';
import type { ModelServer } from '../support/model/messages.ts';
import { bareRepository, git } from '../support/repository.ts';
import { plannedRun } from '../support/run.ts';
import { startTestServer } from '../support/temporal.ts';
import type { oneSession } from './one-session.ts';

Runtime.install({ logger: new DefaultLogger('ERROR') });

const CLAUDE = path.resolve(import.meta.dirname, '../agents/node_modules/.bin/claude');
const TURNS = 10;

const stops: (() => unknown)[] = [];

afterEach(async () => {
  for (const stop of stops.splice(0).toReversed()) await stop();
}, 60_000);

interface Scene {
  readonly home: string;
  readonly run: Run;
  readonly model: ModelServer;
  gate(number: number): string;
}

/**
 * Claude Code with a model that has it write a file (odd turns) or run a command that waits to be let go on (even turns), ten
 * times, and then report. Every command notes that it began and that it ended.
 */
async function scene(): Promise<Scene> {
  if (!existsSync(CLAUDE))
    throw new Error('the agent CLIs are not installed: run `npm test`, or `npm install` in tests/agents');
  const folder = await temporaryFolder();
  const home = path.join(folder, 'home');
  mkdirSync(home);
  const url = bareRepository(folder, 'api', { 'README.md': 'Files\n' });
  const base = plannedRun({ roles: { developer: { agent: { name: 'claude', options: { command: CLAUDE } } } } });
  const repositories = [{ key: 'api', url, base: 'main', baseCommit: git(url, 'rev-parse', 'main') }];
  const run = { ...base, key: { workflowId: 'kills', firstRunId: 'kills' }, spec: null, repositories };
  const work = path.join(runFolder(home, run.key), 'implement-1', 'api');
  const gate = (number: number): string => path.join(folder, `gate-${number}`);
  const model = await startModel(async (turn) => {
    const number = turn + 1;
    if (number > TURNS)
      return { tools: [{ name: 'StructuredOutput', input: { status: 'done', summary: 'ten files' } }] };
    const file = `${work}/${number}.txt`;
    const command = `echo ${number} > ${file}; echo ${number} >> began; touch ${gate(number)}; until [ -e ${gate(number)}.open ]; do sleep 0.05; done; echo ${number} >> ended`;
    const writes = number % 2 === 1;
    if (writes) await opened(gate(number));
    return writes
      ? { tools: [{ name: 'Write', input: { file_path: file, content: `${number}\n` } }] }
      : { tools: [{ name: 'Bash', input: { command } }] };
  });
  stops.push(() => model.stop());
  return { home, run, model, gate };
}

async function opened(gate: string): Promise<void> {
  while (!existsSync(`${gate}.open`)) await wait(20);
}

/** Workers that can be killed, one at a time, and a server whose workflow worker lives on. */
async function product({ home, model }: Scene) {
  const server = await startTestServer();
  stops.push(() => server.teardown());
  const workflowsPath = path.join(import.meta.dirname, 'one-session.ts');
  const bundle = await bundleWorkflowCode({ workflowsPath, logger: new DefaultLogger('ERROR') });
  const worker = await Worker.create({ connection: server.nativeConnection, taskQueue: 'w', workflowBundle: bundle });
  const running = worker.run();
  stops.push(() => [worker.shutdown(), running][1]);
  let child: ChildProcess | undefined;
  const kill = (): unknown => child?.kill('SIGKILL');
  const start = async (): Promise<void> => {
    const ready = path.join(home, 'ready');
    rmSync(ready, { force: true });
    const env = {
      ...{ PATH: process.env['PATH'], HOME: home, SPEC_TO_PR_HOME: home },
      ...{ ANTHROPIC_BASE_URL: model.url, ANTHROPIC_API_KEY: 'sk-dummy' },
      ...{ ADDRESS: server.address, QUEUE: 'a', READY: ready },
    };
    const file = path.join(import.meta.dirname, 'activity-worker.ts');
    child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', file], { env, stdio: 'ignore' });
    while (!existsSync(ready)) await wait(20);
  };
  stops.push(kill);
  return { client: server.client, kill, start };
}

test('a worker killed at ten moments of a Claude Code session: it goes on, no file is lost, no tool call runs twice, cost counts once', async () => {
  const place = await scene();
  const { home, run, model, gate } = place;
  const { client, kill, start } = await product(place);
  await start();
  const sandbox = { ...DEFAULT_SANDBOX, kind: 'none' as const };
  const input = { run, remotes: { forge: { kind: 'local', tokenEnv: 'T' } }, setup: {}, sandbox };
  const times = { heartbeatTimeout: '2m', startToCloseTimeout: '5m', taskQueue: 'a' } as const;
  const handle = await client.workflow.start<typeof oneSession>('oneSession', {
    ...{ workflowId: 'kills', taskQueue: 'w', args: [{ input, times }] },
  });
  const claims = path.join(home, 'claims');
  for (let number = 1; number <= TURNS; number += 1) {
    // The worker is at the session.
    while (!(await readdir(claims)).some((name) => name.endsWith('.json'))) await wait(20);
    // Odd: the model has been asked and has not answered. Even: a tool call is running.
    while (number % 2 === 1 ? model.requests.length < number : !existsSync(gate(number))) await wait(20);
    kill();
    // Some go on while there is no worker, some when the next one is there.
    if (number % 4 === 0) writeFileSync(`${gate(number)}.open`, '');
    await start();
    writeFileSync(`${gate(number)}.open`, '');
  }
  const outcome = await handle.result();
  if (outcome.kind !== 'implemented') throw new Error(JSON.stringify(outcome));
  const { end, commits, usd, tokens, turns } = outcome.implementation;

  const commit = commits['api'] ?? '';
  const mirror = mirrorFolder({ home, path: '', identity: { name: '', email: '' } }, run.repositories[0]?.url ?? '');
  const numbers = Array.from({ length: TURNS }, (_, index) => String(index + 1));
  const even = numbers.filter((one) => Number(one) % 2 === 0).join('\n');
  expect(git(mirror, 'ls-tree', '--name-only', commit).split('\n').toSorted()).toEqual(
    ['README.md', 'began', 'ended', ...numbers.map((one) => `${one}.txt`)].toSorted(),
  );
  expect([git(mirror, 'show', `${commit}:began`), git(mirror, 'show', `${commit}:ended`)]).toEqual([even, even]);

  // One call of the CLI, one request a turn: nothing was begun anew or asked again.
  const job = path.join(runFolder(home, run.key), 'jobs', 'implement-1');
  expect((await readdir(job)).filter((name) => name.startsWith('call-'))).toEqual(['call-1']);
  expect(model.requests).toHaveLength(TURNS + 1);
  const events = readFileSync(path.join(job, 'call-1', 'stdout'), 'utf8')
    .trim()
    .split('\n');
  const result: { total_cost_usd: number; num_turns: number } = JSON.parse(events.at(-1) ?? '{}');
  expect([end, usd, turns, tokens]).toEqual(['done', result.total_cost_usd, result.num_turns, (TURNS + 1) * 1100]);
  expect(usd).toBeGreaterThan(0);
  expect(await findMarked((await readRecord(path.join(job, 'call-1')))?.marker ?? 'none')).toEqual([]);
}, 150_000);
