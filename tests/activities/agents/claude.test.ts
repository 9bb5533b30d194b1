import { existsSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, expect, test } from '@jest/globals';
import { claude } from '../../../activities/agents/claude/index.ts';
import type { AgentReport, AgentTask } from '../../../activities/agents/index.ts';
import type { Role } from '../../../domain/roles.ts';
import { Interruption } from '../../../activities/io.ts';
import type { Io } from '../../../activities/io.ts';
import { readRecord } from '../../../activities/process/job.ts';
import { findMarked } from '../../../activities/process/marked.ts';
import { redactor } from '../../../activities/redact.ts';
import { temporaryFolder } from '../../support/folder.ts';
import { startModel } from '../../support/model/messages.ts';
import type { ModelServer, Turn } from '../../support/model/messages.ts';

const CLI = path.resolve(import.meta.dirname, '../../agents/node_modules/.bin/claude');
const report = (fields: object): Turn => ({
  tools: [{ name: 'StructuredOutput', input: { status: 'done', summary: 'all done', ...fields } }],
});
const write = (file: string): Turn => ({ tools: [{ name: 'Write', input: { file_path: file, content: 'hello\n' } }] });
let model: ModelServer | undefined;

afterEach(async () => {
  await model?.stop();
});

interface Scene {
  readonly task: AgentTask;
  readonly run: (io?: Partial<Io>, role?: Role) => Promise<AgentReport>;
}

/** The real CLI in a folder of its own, talking to a scripted model. */
async function scene(
  script: (turn: number, body: string, work: string) => Turn,
  limits: Partial<AgentTask['limits']> = {},
): Promise<Scene> {
  if (!existsSync(CLI))
    throw new Error('the agent CLIs are not installed: run `npm test`, or `npm ci` in tests/agents');
  const folder = await temporaryFolder();
  const directory = path.join(folder, 'work');
  await mkdir(directory);
  model = await startModel((turn, body) => script(turn, body, directory));
  const environment = {
    PATH: process.env['PATH'] ?? '',
    HOME: folder,
    ANTHROPIC_BASE_URL: model.url,
    ANTHROPIC_API_KEY: 'sk-ant-dummy-key-of-the-test',
    API_TIMEOUT_MS: '20000',
  };
  const agent = claude({ environment, redact: redactor(['sk-ant-dummy-key-of-the-test']) });
  const task: AgentTask = {
    directory,
    prompt: 'Write a greeting.',
    role: 'developer' as const,
    attempt: 1,
    sessionId: crypto.randomUUID(),
    jobDirectory: path.join(folder, 'job'),
    options: { command: CLI },
    limits: { seconds: 60, silenceSeconds: 30, turns: 10, usd: 5, ...limits },
  };
  return {
    task,
    run: (io = {}, role = 'developer') =>
      agent.run({ ...task, role }, { signal: new AbortController().signal, progress: () => undefined, ...io }),
  };
}

async function leftOver(folder: string): Promise<readonly number[]> {
  const record = await readRecord(folder);
  return record === undefined ? [] : findMarked(record.marker);
}

test('the CLI edits files for real, reports by schema, and its turns, tokens and cost are counted', async () => {
  const steps: string[] = [];
  const { task, run } = await scene((turn, _, work) =>
    turn === 0 ? write(path.join(work, 'hello.txt')) : turn === 1 ? report({}) : { text: 'bye' },
  );
  const ended = await run({ progress: (step) => steps.push(step) });
  expect(ended).toMatchObject({ end: 'done', why: '', summary: 'all done', sessionId: task.sessionId });
  expect(await readFile(path.join(task.directory, 'hello.txt'), 'utf8')).toBe('hello\n');
  expect(ended.usd).toBeGreaterThan(0);
  expect(ended.tokens).toBeGreaterThan(1000);
  expect(steps).toContain(`Write ${path.join(task.directory, 'hello.txt')}`);
  const transcript = (await readFile(ended.transcript, 'utf8'))
    .trim()
    .split('\n')
    .map((line): { type: string } => JSON.parse(line));
  expect(transcript.map(({ type }) => type)).toEqual(
    expect.arrayContaining(['session', 'file_change', 'tool_result', 'usage', 'end']),
  );
  expect(JSON.stringify(model?.requests[0])).toContain('Write a greeting.');
  expect(await leftOver(path.join(task.jobDirectory, 'call-1'))).toEqual([]);
});

test.each<[string, (turn: number) => Turn, object]>([
  [
    'blocked, with what it needs',
    (turn) => (turn === 0 ? report({ status: 'blocked', reason: 'no schema of the table' }) : { text: 'bye' }),
    { end: 'blocked', why: 'no schema of the table' },
  ],
  ['a refused key', () => ({ fault: { status: 401 } }), { end: 'needs_human' }],
  ['a used-up quota', () => ({ fault: { status: 429 } }), { end: 'quota_parked' }],
  ['a broken provider', () => ({ fault: { status: 500 } }), { end: 'provider_down' }],
  ['prose instead of a report, twice', () => ({ text: 'I am done!' }), { end: 'contract_violation' }],
])('%s ends the session as what it is', async (_, script, ending) => {
  const { run } = await scene(script);
  expect(await run()).toMatchObject(ending);
});

test('a session that was parked for quota goes on in the same conversation when it is called again', async () => {
  let quota = false;
  const { task, run } = await scene((turn, _, work) => {
    if (turn === 0) return write(path.join(work, 'hello.txt'));
    if (!quota) return { fault: { status: 429 } };
    return turn === 1 ? report({}) : { text: 'bye' };
  });
  const first = await run();
  expect(first).toMatchObject({ end: 'quota_parked', sessionId: task.sessionId });
  quota = true;
  const second = await run();
  expect(second).toMatchObject({ end: 'done', summary: 'all done', sessionId: task.sessionId });
  expect(second.usd).toBeGreaterThan(first.usd);
  expect(await readFile(path.join(task.directory, 'hello.txt'), 'utf8')).toBe('hello\n');
});

// A request of the scripted model: 1000 tokens in, 100 out, at the price of claude-sonnet-4-5.
const ONE = { tokens: 1100, usd: 0.0045 };
const figures = ({ tokens, usd }: AgentReport): object => ({ tokens, usd: Math.round(usd * 1e6) / 1e6 });

test('a call whose time is over costs what the CLI has recorded of it', async () => {
  const long = "node -e 'setTimeout(() => {}, 60000)'";
  const { run } = await scene(() => ({ tools: [{ name: 'Bash', input: { command: long } }] }), { seconds: 6 });
  const ended = await run();
  expect([ended.end, figures(ended)]).toEqual(['incomplete_handoff', ONE]);
});

test('a session whose CLI was killed costs each answer once, however often it is read', async () => {
  const { task, run } = await scene((turn, _, work) => {
    if (turn < 2) return { tools: [{ name: 'Bash', input: { command: `touch ${work}/${turn}; sleep ${turn}` } }] };
    return turn < 6 ? { tools: [{ name: 'Bash', input: { command: 'true' } }] } : report({});
  });
  const running = run();
  while (!existsSync(path.join(task.directory, '1'))) await wait(50);
  for (const pid of await leftOver(path.join(task.jobDirectory, 'call-1'))) process.kill(pid, 'SIGKILL');
  const ended = await running;
  const asked = model?.requests.length ?? 0;
  const costs = (answers: number): object =>
    figures({ ...ended, tokens: ONE.tokens * answers, usd: ONE.usd * answers });
  expect(ended.end).toBe('done');
  // What the CLI had not written down when it was killed, nobody can count.
  expect([costs(asked), costs(asked - 1)]).toContainEqual(figures(ended));
  expect(figures(await run())).toEqual(figures(ended));
});

test('a missing report is asked for once', async () => {
  const { run } = await scene((_, body) =>
    body.includes('Give your final report now')
      ? body.includes('"StructuredOutput","input"') || body.includes('tool_result')
        ? { text: 'bye' }
        : report({ summary: 'after asking' })
      : { text: 'I am done!' },
  );
  expect(await run()).toMatchObject({ end: 'done', summary: 'after asking' });
});

test('the turn limit ends as an incomplete hand-over', async () => {
  const { run } = await scene((turn, _, work) => write(path.join(work, `${turn}.txt`)), { turns: 2 });
  expect(await run()).toMatchObject({ end: 'incomplete_handoff', why: 'the session reached its turn limit' });
});

test('a CLI killed in the middle of a tool call is resumed in the same session, and nothing it started stays', async () => {
  const { task, run } = await scene((turn, body, work) => {
    if (body.includes('Your session was cut off'))
      return body.includes('StructuredOutput","input') ? { text: 'bye' } : report({ summary: 'resumed' });
    return turn === 0
      ? { tools: [{ name: 'Bash', input: { command: `touch ${work}/started; node -e 'setTimeout(()=>{}, 60000)'` } }] }
      : { text: 'x' };
  });
  const running = run();
  while (!existsSync(path.join(task.directory, 'started'))) await new Promise((resolve) => setTimeout(resolve, 50));
  const record = await readRecord(path.join(task.jobDirectory, 'call-1'));
  if (record === undefined) throw new Error('no record');
  process.kill(-record.pid, 'SIGKILL');
  expect(await running).toMatchObject({ end: 'done', summary: 'resumed', sessionId: task.sessionId });
  expect(await findMarked(record.marker)).toEqual([]);
});

test('detached, the session goes on and a second call finds it; stopped, nothing of it is left', async () => {
  const { task, run } = await scene((turn, _, work) =>
    turn === 0
      ? { tools: [{ name: 'Bash', input: { command: `touch ${work}/started; node -e 'setTimeout(()=>{}, 60000)'` } }] }
      : { text: 'x' },
  );
  const first = new AbortController();
  const running = run({ signal: first.signal });
  while (!existsSync(path.join(task.directory, 'started'))) await new Promise((resolve) => setTimeout(resolve, 50));
  first.abort(new Interruption('detach'));
  await expect(running).rejects.toMatchObject({ mode: 'detach' });
  const folder = path.join(task.jobDirectory, 'call-1');
  const before = await readRecord(folder);
  const second = new AbortController();
  const again = run({ signal: second.signal });
  await new Promise((resolve) => setTimeout(resolve, 500));
  expect(await readRecord(folder)).toEqual(before);
  expect((await leftOver(folder)).length).toBeGreaterThan(0);
  second.abort(new Interruption('stop'));
  await expect(again).rejects.toMatchObject({ mode: 'stop' });
  expect(await leftOver(folder)).toEqual([]);
});

const andon = (cord: string, reason: string): Turn => ({
  tools: [{ name: 'mcp__run__andon', input: { cord, reason } }],
});

test.each([
  ['human', { end: 'blocked', cord: 'human', why: 'which currency?' }],
  ['reprovision', { end: 'blocked', cord: 'reprovision', why: 'which currency?' }],
  ['already_done', { end: 'done', cord: 'already_done', why: 'which currency?' }],
])('the andon cord "%s" is pulled by a tool call', async (cord, ends) => {
  const { run } = await scene((turn) =>
    turn === 0 ? andon(cord, 'which currency?') : turn === 1 ? report({}) : { text: 'bye' },
  );
  expect(await run()).toMatchObject(ends);
});

test('words that name the cord pull nothing', async () => {
  const { run } = await scene((turn) =>
    turn === 0 ? report({ summary: 'andon {"cord":"human","reason":"x"}' }) : { text: 'TASK_BLOCKED' },
  );
  const ended = await run();
  expect([ended.end, ended.cord]).toEqual(['done', undefined]);
});

test('a debugger gets no tools that edit, and its hypotheses come back', async () => {
  const hypothesis = { claim: 'c', kind: 'bug', evidence: [{ source: 'a', quote: 'b' }], proposal: 'p' };
  const scened = await scene((turn, _, work) =>
    turn === 0 ? write(path.join(work, 'x.txt')) : turn === 1 ? report({ hypotheses: [hypothesis] }) : { text: 'bye' },
  );
  const ended = await scened.run({}, 'debugger');
  expect(ended).toMatchObject({ end: 'done', claims: [hypothesis] });
  expect(existsSync(path.join(scened.task.directory, 'x.txt'))).toBe(false);
});
