import { existsSync } from 'node:fs';
import { mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { WorkflowHandleWithFirstExecutionRunId } from '@temporalio/client';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { execa } from 'execa';
import { artifactFolder, runFolder } from '../../activities/folders.ts';
import { readRecord } from '../../activities/process/job.ts';
import { stopMarked } from '../../activities/process/marked.ts';
import type { Project } from '../../domain/project.ts';
import type { Run } from '../../domain/run.ts';
import { parseProject } from '../../formats/project.ts';
import { knownHost } from '../../worker/host.ts';
import { readyFile } from '../../worker/processes/worker.ts';
import { DELIVER, WORKFLOW_QUEUE, answer, state } from '../../workflows/contract.ts';
import type { deliver } from '../../workflows/index.ts';
import { temporaryFolder } from '../support/folder.ts';
import { bareRepository } from '../support/repository.ts';
import { startTestServer } from '../support/temporal.ts';

const CANARY = 'canary-of-a-far-host';
const CLI = path.resolve(import.meta.dirname, '../../client/main.ts');

let server: TestWorkflowEnvironment;
const living: { kill(): unknown }[] = [];

beforeAll(async () => {
  server = await startTestServer();
}, 60_000);

afterAll(async () => {
  // A test that fails leaves no process behind.
  for (const one of living) one.kill();
  await server.teardown();
}, 60_000);

/** The CLI in a process of its own, with a state folder of its own. */
function cli(home: string, args: readonly string[], extra: Readonly<Record<string, string>> = {}) {
  const env = { PATH: process.env['PATH'] ?? '', HOME: home, TEMPORAL_ADDRESS: server.address, ...extra };
  const started = execa(process.execPath, ['--disable-warning=ExperimentalWarning', CLI, ...args], {
    env: { ...env, SPEC_TO_PR_HOME: home },
    extendEnv: false,
    reject: false,
    cwd: home,
  });
  living.push(started);
  return started;
}

/** Waits for a condition that cannot come true any more when the process has ended. */
async function until(condition: () => boolean, process: Promise<unknown>): Promise<void> {
  const over = process.then(() => true);
  while (!condition() && !(await Promise.race([over, wait(50, false)])));
}

interface Host {
  readonly id: string | undefined;
  stop(signal?: 'SIGTERM' | 'SIGKILL'): Promise<void>;
}

/** A worker process with a state folder of its own. Artifacts lie on a volume that hosts share. */
async function host(folder: string, name: string): Promise<Host> {
  const home = path.join(folder, name);
  await mkdir(home);
  await mkdir(path.join(folder, 'artifacts'), { recursive: true });
  await symlink(path.join(folder, 'artifacts'), path.join(home, 'artifacts'));
  const worker = cli(home, ['worker'], { FAR_TOKEN: CANARY });
  await until(() => existsSync(readyFile(home)), worker);
  const stop: Host['stop'] = async (signal = 'SIGTERM') => {
    worker.kill(signal);
    await worker;
  };
  return { id: knownHost(home), stop };
}

/** A project in which sessions play these steps, attempt by attempt. */
async function projectIn(folder: string, attempts: readonly (readonly object[])[]): Promise<Project> {
  bareRepository(folder, 'api', { 'test.sh': 'grep -q right a\n' });
  bareRepository(folder, 'state', { a: '' });
  await mkdir(path.join(folder, 'reader'));
  const script = { attempts: attempts.map((steps) => ({ steps })) };
  await writeFile(path.join(folder, 'agent.yaml'), JSON.stringify(script));
  const text = `project: shop
repositories: { api: { url: ./api.git, base: main, checks: { unit: sh test.sh } } }
gates: [checks]
agent: { name: scripted, script: agent.yaml }
sandbox: none
forge: local
state: ./state.git
limits: { attempts: 1 }
`;
  return parseProject({ text, name: 'spec-to-pr.yaml', directory: folder });
}

function start(project: Project, workId: string): Promise<WorkflowHandleWithFirstExecutionRunId<typeof deliver>> {
  return server.client.workflow.start<typeof deliver>(DELIVER, {
    workflowId: `shop/${workId}`,
    taskQueue: WORKFLOW_QUEUE,
    args: [{ workId, project, source: { kind: 'inline', name: 'test', text: '# Far\n\n- It works.\n' } }],
  });
}

const waiting = (file: string): object => ({ run: `until [ -e ${file} ]; do sleep 0.05; done` });

test('a session is followed from host to host while it is at work, and found again when its host is gone', async () => {
  const folder = await temporaryFolder();
  const at = (file: string): string => path.join(folder, file);
  const attempt = (text: string, file: string): readonly object[] => [
    { say: `${text} knows ${CANARY}` },
    waiting(at(file)),
    { write: { file: 'a', content: text } },
  ];
  const project = await projectIn(folder, [attempt('wrong', 'one'), attempt('right', 'two')]);
  const hosts = await Promise.all([host(folder, 'a'), host(folder, 'b')]);
  const run = await start(project, 'FAR');
  const reader = cli(at('reader'), ['logs', '-f', 'shop/FAR']);
  let printed = '';
  reader.stdout.on('data', (bytes: Buffer) => (printed += bytes.toString()));
  const seen = async (line: string): Promise<void> => {
    await until(() => printed.includes(line), reader);
  };
  await seen('wrong knows');
  expect((await run.query(state)).attempts).toEqual([]);
  await writeFile(at('one'), '');
  await seen('implement-1  {"type":"end"');
  while ((await run.query(state)).escalation === null) await wait(50);
  const held = (await run.query(state)).attempts[0]?.implementation.host;
  const [first, second] = hosts[0].id === held ? hosts : [hosts[1], hosts[0]];
  await first.stop();
  await run.executeUpdate(answer, { args: [{ decision: 'retry', attempts: 1 }] });
  await seen('right knows');
  expect((await run.query(state)).attempts.length).toBe(1);
  await writeFile(at('two'), '');
  const { exitCode, stdout, stderr } = await reader;
  const lines = (session: string, what: string, file: string): readonly string[] => [
    `${session}  {"type":"text","text":"${what} knows [redacted]"}`,
    `${session}  {"type":"command","command":"until [ -e ${at(file)} ]; do sleep 0.05; done"}`,
    `${session}  {"type":"file_change","step":{"write":{"file":"a","content":"${what}"}}}`,
    `${session}  {"type":"end","as":"done","why":""}`,
  ];
  const all = [...lines('implement-1', 'wrong', 'one'), ...lines('implement-2.1', 'right', 'two')].join('\n');
  expect([exitCode, stdout, stderr]).toEqual([0, all, '']);

  // The archive that hosts share has what the first one has no more.
  const again = await cli(at('reader'), ['logs', 'shop/FAR']);
  expect([again.exitCode, again.stdout, again.stderr]).toEqual([0, all, '']);
  const { key } = await run.query(state);
  await rm(path.join(folder, 'artifacts', artifactFolder(key), 'implement-1'), { recursive: true });
  const rest = await cli(at('reader'), ['logs', 'shop/FAR']);
  expect([rest.exitCode, rest.stdout]).toEqual([1, lines('implement-2.1', 'right', 'two').join('\n')]);
  expect(rest.stderr).toMatch(
    new RegExp(
      `^the transcript of implement-1 is on host ${first.id}, where no worker answers \\(last seen 20[0-9TZ:-]+\\): start \`spec-to-pr worker\` there$`,
    ),
  );
  // What reading needs is not among the runs, and is not kept.
  const listed = await cli(at('reader'), ['list', '--json']);
  expect(JSON.parse(listed.stdout)).toMatchObject([{ workflowId: 'shop/FAR' }]);
  await second.stop();
}, 120_000);

test('a host that dies with a session at work is named, with when it was last seen', async () => {
  const folder = await temporaryFolder();
  const project = await projectIn(folder, [[{ say: 'at work' }, waiting(path.join(folder, 'never'))]]);
  const hosts = await Promise.all([host(folder, 'first'), host(folder, 'second')]);
  const run = await start(project, 'DEAD');
  const jobs = (name: string, key: Run['key']): string => path.join(runFolder(path.join(folder, name), key), 'jobs');
  const { key } = await run.query(state);
  const names = ['first', 'second'];
  const record = (name: string) => readRecord(path.join(jobs(name, key), 'implement-1'));
  let holder = -1;
  while (holder < 0) {
    holder = (await Promise.all(names.map(record))).findIndex((one) => one !== undefined);
    await wait(50);
  }
  const held = await record(names[holder] ?? '');
  try {
    await hosts[holder]?.stop('SIGKILL');
    const { exitCode, stdout, stderr } = await cli(path.join(folder, 'reader'), ['logs', 'shop/DEAD']);
    expect([exitCode, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(
      new RegExp(
        `^the session at work is on host ${hosts[holder]?.id}, where no worker answers \\(last seen 20[0-9TZ:-]+\\): start \`spec-to-pr worker\` there$`,
      ),
    );
  } finally {
    await run.terminate();
    await stopMarked(held?.marker ?? '', 1000);
    await hosts[1 - holder]?.stop();
  }
}, 120_000);
