import { existsSync } from 'node:fs';
import { readFile, readdir, symlink } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, expect, test } from '@jest/globals';
import { anthropic } from '../../../activities/agents/anthropic/index.ts';
import { agentScene, KEY, leftOver } from '../../support/agent.ts';
import type { AgentScene } from '../../support/agent.ts';
import { startBedrock, startModel, startVertex } from '../../support/model/messages.ts';
import type { ModelServer, Turn } from '../../support/model/messages.ts';

const USD = 0.0045;
const call = (name: string, input: Readonly<Record<string, unknown>>): Turn => ({ tools: [{ name, input }] });
const DONE = call('report', { status: 'done', summary: 'all done' });
let model: ModelServer | undefined;

afterEach(async () => {
  await model?.stop();
  model = undefined;
});

async function scene(
  turns: readonly Turn[] | ((turn: number) => Turn),
  given: Omit<Parameters<typeof agentScene>[1], 'environment'> = {},
): Promise<AgentScene & { requests: ModelServer['requests'] }> {
  const script = typeof turns === 'function' ? turns : (turn: number) => turns[turn] ?? { text: 'bye' };
  model = await startModel(script);
  const environment = { ANTHROPIC_BASE_URL: model.url, ANTHROPIC_API_KEY: KEY };
  return { ...(await agentScene(anthropic, { ...given, environment })), requests: model.requests };
}

/** What the model was given as results of its calls, in order. */
function results(requests: ModelServer['requests']): readonly { text: string; is_error: boolean }[] {
  const messages = requests.at(-1)?.messages ?? [];
  return messages
    .flatMap(({ content }) => (Array.isArray(content) ? content : []))
    .flatMap((block) =>
      block.type === 'tool_result' ? [{ text: JSON.stringify(block.content), is_error: block.is_error === true }] : [],
    );
}

test('files are written, edited, found and read in the folder, and the requests are counted and priced', async () => {
  const { task, run, requests } = await scene([
    call('write', { file_path: 'src/a.txt', content: 'one two\n' }),
    call('edit', { file_path: 'src/a.txt', old_string: 'two', new_string: 'three' }),
    {
      tools: [
        { name: 'glob', input: { pattern: '**/*.txt' } },
        { name: 'read', input: { file_path: 'src/a.txt' } },
      ],
    },
    { text: 'Nearly there.', ...DONE },
  ]);
  const report = await run();
  expect(report).toMatchObject({ end: 'done', why: '', summary: 'all done', turns: 4, tokens: 4400 });
  expect(report.usd).toBeCloseTo(4 * USD, 9);
  expect(await readFile(path.join(task.directory, 'src/a.txt'), 'utf8')).toBe('one three\n');
  const [, , glob, read] = results(requests);
  expect([glob?.text, read?.text]).toEqual([
    expect.stringContaining('src/a.txt'),
    expect.stringContaining('one three'),
  ]);
});

test('a file outside of the folder is neither written nor read, by whatever way it is named', async () => {
  const { task, folder, run, requests } = await scene([
    call('write', { file_path: '../outside.txt', content: 'x' }),
    call('write', { file_path: 'link/outside.txt', content: 'x' }),
    call('read', { file_path: '/etc/passwd' }),
    DONE,
  ]);
  await symlink(folder, path.join(task.directory, 'link'));
  expect(await run()).toMatchObject({ end: 'done' });
  expect(existsSync(path.join(folder, 'outside.txt'))).toBe(false);
  expect(results(requests).map(({ is_error }) => is_error)).toEqual([true, true, true]);
  expect(JSON.stringify(results(requests))).not.toContain('root:');
});

test('a command sees no credential of the provider and a HOME of the session', async () => {
  const { task, run } = await scene([call('bash', { command: 'env >seen' }), DONE]);
  expect(await run()).toMatchObject({ end: 'done' });
  const seen = await readFile(path.join(task.directory, 'seen'), 'utf8');
  expect(seen).not.toContain(KEY);
  expect(seen).not.toContain('ANTHROPIC');
  expect(seen).toContain(`HOME=${path.join(task.jobDirectory, 'home')}\n`);
});

test('a session that is killed goes on: what had finished is not done again, and each request costs once', async () => {
  const { task, run, requests } = await scene([
    {
      tools: [
        { name: 'bash', input: { command: 'echo x >>count' } },
        { name: 'bash', input: { command: 'echo $PPID >pid; sleep 60' } },
      ],
    },
    DONE,
  ]);
  const running = run();
  const file = path.join(task.directory, 'pid');
  while (!existsSync(file) || (await readFile(file, 'utf8')) === '')
    await new Promise((resolve) => setTimeout(resolve, 20));
  process.kill(Number(await readFile(file, 'utf8')), 'SIGKILL');
  const report = await running;
  expect(report).toMatchObject({ end: 'done', summary: 'all done', turns: 2, tokens: 2200 });
  expect(report.usd).toBeCloseTo(2 * USD, 9);
  expect(await readFile(path.join(task.directory, 'count'), 'utf8')).toBe('x\n');
  expect(requests).toHaveLength(2);
  expect(results(requests)).toEqual([
    { text: '"no output"', is_error: false },
    { text: expect.stringContaining('cut off'), is_error: true },
  ]);
  const told = (await readFile(report.transcript, 'utf8')).split('\n').filter((line) => line.includes('"usage"'));
  expect(told).toHaveLength(2);
  expect([...(await leftOver(task)), ...(await leftOver(task, 2))]).toEqual([]);
});

test.each([1, 2, 3, 4, 5])(
  'killed once its journal has %d entries, a session does nothing twice and loses no cost',
  async (count) => {
    const steps = [0, 1, 2].map((step) => call('bash', { command: `echo ${step} >>count` }));
    const { task, run, requests } = await scene([...steps, DONE]);
    const journal = path.join(task.jobDirectory, 'home', 'journal.jsonl');
    const lines = async (): Promise<readonly string[]> =>
      (await readFile(journal, 'utf8').catch(() => '')).split('\n').slice(0, -1);
    const running = run();
    while ((await lines()).length < count) await new Promise((resolve) => setTimeout(resolve, 5));
    for (const pid of await leftOver(task))
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // It died with the one before.
      }
    const report = await running;
    expect(report).toMatchObject({ end: 'done', summary: 'all done' });
    const replies = (await lines()).filter((line) => line.startsWith('{"reply"')).length;
    expect([replies, report.tokens]).toEqual([report.turns, report.turns * 1100]);
    expect(report.usd).toBeCloseTo(report.turns * USD, 9);
    expect(requests.length).toBeGreaterThanOrEqual(replies);
    const done = (await readFile(path.join(task.directory, 'count'), 'utf8')).trim().split('\n');
    expect(done).toEqual([...new Set(done)]);
  },
);

test('a call of a tool that does not exist, or in a wrong form, is answered and the session goes on', async () => {
  const { run, requests } = await scene([
    call('fly', {}),
    call('bash', { command: 7 }),
    call('report', { status: 'fine' }),
    DONE,
  ]);
  expect(await run()).toMatchObject({ end: 'done', turns: 4 });
  expect(results(requests).map(({ is_error }) => is_error)).toEqual([true, true, true]);
});

test('no request is made past the budget', async () => {
  const { run, requests } = await scene(() => call('bash', { command: 'true' }), { limits: { usd: 2.5 * USD } });
  expect(await run()).toMatchObject({ end: 'budget_exhausted', turns: 3 });
  expect(requests).toHaveLength(3);
});

test('prices of the project are used; a model without a price has no cost of its own and the transcript says so', async () => {
  const priced = await scene([DONE], { options: { input_price: '1000', output_price: '0' } });
  expect(await priced.run()).toMatchObject({ end: 'done', usd: 1 });
  await model?.stop();
  const unknown = await scene([{ fault: { status: 401 } }], { model: 'mystery-1' });
  const { usd, transcript } = await unknown.run();
  expect(usd).toBe(0);
  expect(await readFile(transcript, 'utf8')).toContain('no price of mystery-1 is known');
});

test('a long wait for quota is left to the run: one request, and the time of the reset', async () => {
  const before = Date.now();
  const { run, requests } = await scene([{ fault: { status: 429, headers: { 'retry-after': '3600' } } }]);
  const { end, until } = await run();
  expect(end).toBe('quota_parked');
  expect(until).toBeGreaterThanOrEqual(before + 3_600_000);
  expect(until).toBeLessThanOrEqual(Date.now() + 3_600_000);
  expect(requests).toHaveLength(1);
});

test('an error that passes is retried without a word', async () => {
  let failed = false;
  const { run, requests } = await scene(() => {
    if (failed) return DONE;
    failed = true;
    return { fault: { status: 529 } };
  });
  expect(await run()).toMatchObject({ end: 'done', turns: 1 });
  expect(requests).toHaveLength(2);
});

test('without a key a person is asked for', async () => {
  const { run } = await agentScene(anthropic, { environment: { ANTHROPIC_BASE_URL: 'http://127.0.0.1:9' } });
  expect(await run()).toMatchObject({ end: 'needs_human', why: expect.stringContaining('authentication') });
});

test.each([
  [{ provider: 'azure' }, 'knows no provider "azure"'],
  [{ provider: 'vertex' }, 'needs "model"'],
  [{ input_price: '3' }, 'go together'],
  [{ input_price: 'three', output_price: '1' }, 'is no price'],
  [{ command_seconds: '0' }, 'is no positive number'],
])('options %j are refused: %s', async (options, why) => {
  const { run } = await agentScene(anthropic, { options });
  await expect(run()).rejects.toMatchObject({ name: 'AgentRejected', message: expect.stringContaining(why) });
});

test.each([
  ['vertex', startVertex, 'claude-sonnet-4-5@20250929'],
  ['bedrock', startBedrock, 'us.anthropic.claude-sonnet-4-5-20250929-v1:0'],
] as const)('a model served by %s does the same work', async (provider, start, name) => {
  const turns = [call('write', { file_path: 'hello.txt', content: 'hello\n' }), DONE];
  model = await start((turn) => turns[turn] ?? {});
  const environment = {
    ...{
      ANTHROPIC_VERTEX_BASE_URL: `${model.url}/v1`,
      ANTHROPIC_VERTEX_PROJECT_ID: 'p',
      CLOUD_ML_REGION: 'europe-west1',
    },
    ...{ CLAUDE_CODE_SKIP_VERTEX_AUTH: '1', ANTHROPIC_BEDROCK_BASE_URL: model.url, AWS_BEARER_TOKEN_BEDROCK: KEY },
  };
  const { task, run } = await agentScene(anthropic, { options: { provider }, model: name, environment });
  const report = await run();
  expect(report).toMatchObject({ end: 'done', summary: 'all done', turns: 2 });
  expect(report.usd).toBeCloseTo(2 * USD, 9);
  expect(await readdir(task.directory)).toEqual(['hello.txt']);
});
