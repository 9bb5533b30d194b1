import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import type { AgentConfig, AgentReport, AgentTask } from '../../../activities/agents/index.ts';
import { scripted } from '../../../activities/agents/scripted/index.ts';
import { Interruption } from '../../../activities/io.ts';
import { readRecord } from '../../../activities/process/job.ts';
import { findMarked } from '../../../activities/process/marked.ts';
import type { Sandbox } from '../../../activities/sandbox/index.ts';
import { temporaryFolder } from '../../support/folder.ts';

interface Scene {
  readonly task: AgentTask;
  readonly run: (signal?: AbortSignal) => Promise<AgentReport>;
}

async function scene(
  script: string,
  changes: Partial<AgentTask> = {},
  config: Partial<AgentConfig> = {},
): Promise<Scene> {
  const folder = await temporaryFolder();
  const directory = path.join(folder, 'work');
  mkdirSync(directory);
  writeFileSync(path.join(directory, 'a.txt'), 'one two\n');
  writeFileSync(path.join(folder, 'agent.yaml'), script);
  const task: AgentTask = {
    directory,
    prompt: 'Do it.',
    role: 'developer',
    attempt: 1,
    sessionId: 's1',
    jobDirectory: path.join(folder, 'job'),
    options: { script: path.join(folder, 'agent.yaml') },
    limits: { seconds: 30, silenceSeconds: 20, turns: 10, usd: 1 },
    ...changes,
  };
  const agent = scripted({
    environment: { PATH: process.env['PATH'] ?? '' },
    redact: (text) => text.replaceAll('hunter2', '[redacted]'),
    ...config,
  });
  return {
    task,
    run: (signal = new AbortController().signal) => agent.run(task, { signal, progress: () => undefined }),
  };
}

const steps = (...list: string[]): string =>
  `attempts:\n  - steps:\n${list.map((step) => `      - ${step}\n`).join('')}`;

test('steps edit files, run commands and cost for real, and the transcript tells them without secrets', async () => {
  const { task, run } = await scene(
    steps(
      'write: { file: b/c.txt, content: new }',
      'replace: { file: a.txt, find: two, with: three }',
      'run: echo ran > d.txt',
      'say: the password is hunter2',
      'spend: { usd: 0.25, tokens: 10 }',
      'spend: { usd: 0.5 }',
    ),
  );
  expect(await run()).toEqual({
    end: 'done',
    why: '',
    summary: 'the password is hunter2',
    sessionId: 's1',
    usd: 0.75,
    tokens: 10,
    turns: 5,
    transcript: path.join(task.jobDirectory, 'transcript.jsonl'),
  });
  expect(['b/c.txt', 'a.txt', 'd.txt'].map((file) => readFileSync(path.join(task.directory, file), 'utf8'))).toEqual([
    'new',
    'one three\n',
    'ran\n',
  ]);
  expect(readFileSync(path.join(task.jobDirectory, 'transcript.jsonl'), 'utf8')).not.toContain('hunter2');
});

test.each<[string, string, Partial<AgentReport>]>([
  ['a crash', 'crash: true', { end: 'crashed' }],
  ['a failing command', 'run: exit 3', { end: 'crashed' }],
  ['an ending of its own', 'end: { as: blocked, why: needs a key }', { end: 'blocked', why: 'needs a key' }],
  ['a replacement that does not fit', 'replace: { file: a.txt, find: absent, with: x }', { end: 'crashed' }],
  [
    'a file outside of the worktree',
    'write: { file: ../x, content: y }',
    { end: 'crashed', why: '"../x" lies outside of the worktree' },
  ],
])('%s ends the session as what it is', async (_, step, report) => {
  expect(await (await scene(steps(step))).run()).toMatchObject(report);
});

test('a session that dies before it says anything ends as a crash that names the reason, with an empty transcript', async () => {
  const { run } = await scene(
    steps('say: hello'),
    {},
    { environment: { NODE_OPTIONS: '--import=/nowhere/at-all.js' } },
  );
  const { end, why, transcript } = await run();
  expect([end, why, readFileSync(transcript, 'utf8')]).toEqual([
    'crashed',
    expect.stringMatching(/^Error \[ERR_MODULE_NOT_FOUND\]: Cannot find module '\/nowhere\/at-all\.js'/),
    '',
  ]);
});

/** Lets a program read what its command names and its own folders only, as containment does. */
const confined: Sandbox = {
  kind: async () => 'none',
  async contain({ arguments: given, reads = [], ...rest }, { directory, jobDirectory }) {
    const open = [...reads, ...given.filter((one) => path.isAbsolute(one)), directory, jobDirectory];
    const rights = open.map((name) => `--allow-fs-read=${name}`);
    return { ...rest, arguments: ['--permission', ...rights, '--allow-fs-write=*', ...given] };
  },
};

test('a session that may read only what its command names plays its steps', async () => {
  const { run, task } = await scene(
    steps('say: hello', 'write: { file: b.txt, content: new }'),
    {},
    { sandbox: confined },
  );
  expect(await run()).toMatchObject({ end: 'done', why: '', summary: 'hello' });
  expect(readFileSync(path.join(task.directory, 'b.txt'), 'utf8')).toBe('new');
});

test('a session that hangs is ended by its timers, with everything it started', async () => {
  const limits = { seconds: 30, silenceSeconds: 1, turns: 1, usd: 1 };
  const { task, run } = await scene(steps('run: setsid sleep 300 > /dev/null 2>&1 &', 'hang: true'), { limits });
  expect(await run()).toMatchObject({ end: 'stalled' });
  expect(await findMarked((await readRecord(task.jobDirectory))?.marker ?? '')).toEqual([]);
  const total = await scene(steps('run: while true; do echo x; sleep 0.1; done'), {
    limits: { ...limits, seconds: 1, silenceSeconds: 30 },
  });
  expect(await total.run()).toMatchObject({ end: 'incomplete_handoff' });
});

test('attempts have their own steps, the last repeats, and words of the prompt choose', async () => {
  const script =
    'attempts:\n  - steps: [{ say: first }]\n  - steps: [{ say: second }]\n  - when: { prompt: in cents }\n    steps: [{ say: guided }]\n';
  const said = async (changes: Partial<AgentTask>): Promise<string> =>
    (await (await scene(script, changes)).run()).summary;
  expect(
    await Promise.all([said({}), said({ attempt: 2 }), said({ attempt: 7 }), said({ prompt: 'It is in cents.' })]),
  ).toEqual(['first', 'second', 'second', 'guided']);
});

test('left running by one worker, the session is found by the next and repeats nothing', async () => {
  const { task, run } = await scene(
    steps('run: echo x >> count.txt', 'wait: 1500', 'run: echo x >> count.txt', 'spend: { usd: 1 }'),
  );
  const first = new AbortController();
  const running = run(first.signal);
  while (!existsSync(path.join(task.directory, 'count.txt'))) await wait(20);
  first.abort(new Interruption('detach'));
  await expect(running).rejects.toMatchObject({ mode: 'detach' });
  expect(await run()).toMatchObject({ end: 'done', usd: 1 });
  expect(await run()).toMatchObject({ end: 'done', usd: 1 });
  expect(readFileSync(path.join(task.directory, 'count.txt'), 'utf8')).toBe('x\nx\n');
});

test('stopped, the session and its children are gone', async () => {
  const { task, run } = await scene(steps('run: touch started; setsid sleep 300 & sleep 300'));
  const stop = new AbortController();
  const running = run(stop.signal);
  while (!existsSync(path.join(task.directory, 'started'))) await wait(20);
  stop.abort(new Interruption('stop'));
  await expect(running).rejects.toMatchObject({ mode: 'stop' });
  expect(await findMarked((await readRecord(task.jobDirectory))?.marker ?? '')).toEqual([]);
});

test.each([
  ['attempts: [{ steps: [{ dance: true }] }]', /attempts\.0\.steps\.0/],
  ['attempts: []', /attempts/],
])('the script %j is refused, naming the place', async (script, place) => {
  await expect((await scene(script)).run()).rejects.toMatchObject({
    name: 'AgentRejected',
    message: expect.stringMatching(place),
  });
});
