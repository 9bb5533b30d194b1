import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, expect, test } from '@jest/globals';
import { opencode } from '../../../activities/agents/opencode/index.ts';
import { KEY, agentScene } from '../../support/agent.ts';
import { startChat } from '../../support/model/chat.ts';
import type { ModelServer, Turn } from '../../support/model/server.ts';

const CLI = path.resolve(import.meta.dirname, '../../agents/node_modules/.bin/opencode');
const call = (name: string, input: Readonly<Record<string, unknown>>): Turn => ({ tools: [{ name, input }] });
const DONE = call('report', { status: 'done', summary: 'all done', reason: '' });
let model: ModelServer | undefined;

afterEach(async () => {
  await model?.stop();
  model = undefined;
});

test('the rules of the repository reach the model; commands see no key, files outside stay, and calls are counted and priced', async () => {
  const turns: Turn[] = [];
  model = await startChat((turn) => turns[turn] ?? { text: 'bye' });
  const { task, folder, run } = await agentScene(opencode, {
    environment: { OPENAI_BASE_URL: `${model.url}/v1`, OPENAI_API_KEY: KEY },
    options: { command: CLI, input_price: '1', output_price: '20' },
    model: 'scripted',
  });
  const outside = path.join(folder, 'outside.txt');
  turns.push(call('write', { filePath: outside, content: 'x' }), call('bash', { command: 'env >seen' }), DONE);
  await writeFile(path.join(task.directory, 'AGENTS.md'), 'Greet in Frisian.\n');
  const report = await run();
  // The model is told that its report was taken: the fourth call.
  expect(report).toMatchObject({ end: 'done', why: '', summary: 'all done', turns: 4, tokens: 4400 });
  expect(report.usd).toBeCloseTo(4 * 0.003, 9);
  expect(JSON.stringify(model.requests[0])).toContain('Greet in Frisian.');
  const seen = await readFile(path.join(task.directory, 'seen'), 'utf8');
  expect(seen).toContain('PATH=');
  expect(seen).not.toContain(KEY);
  expect(existsSync(outside)).toBe(false);
});

test.each<[Readonly<Record<string, string>>, string | undefined, RegExp]>([
  [{ command: CLI, base_url: 'http://127.0.0.1:9/v1' }, undefined, /^opencode needs "model"/],
  [{ command: CLI, base_url: 'http://127.0.0.1:9/v1', context: 'many' }, 'm', /^opencode's "context" is not a number/],
  [{ command: '/nowhere/opencode' }, 'm', /is not an executable file$/],
])('the options %j with the model %s are refused before anything starts', async (options, name, message) => {
  const { task, run } = await agentScene(opencode, { options, ...(name === undefined ? {} : { model: name }) });
  await expect(run()).rejects.toMatchObject({ name: 'AgentRejected', message: expect.stringMatching(message) });
  expect(existsSync(path.join(task.jobDirectory, 'call-1'))).toBe(false);
});

test.each(['.opencode', 'opencode.json', 'opencode.jsonc'])(
  'a repository with %s is refused unless it is trusted: its plugins would run with the key',
  async (name) => {
    const { task, run } = await agentScene(opencode, { options: { command: CLI }, model: 'openai/gpt-5' });
    await mkdir(path.join(task.directory, name));
    const message = expect.stringContaining(`the repository's ${name} says`);
    await expect(run()).rejects.toMatchObject({ name: 'AgentRejected', message });
    expect(existsSync(path.join(task.jobDirectory, 'call-1', 'job.json'))).toBe(false);
  },
);

test('the plugins of a repository that is trusted run', async () => {
  model = await startChat(() => DONE);
  const { task, run } = await agentScene(opencode, {
    environment: { OPENAI_BASE_URL: `${model.url}/v1`, OPENAI_API_KEY: KEY },
    options: { command: CLI, repository_config: 'true' },
    model: 'scripted',
    limits: { turns: 1 },
  });
  const ran = path.join(task.directory, 'ran');
  await mkdir(path.join(task.directory, '.opencode', 'plugin'), { recursive: true });
  await writeFile(
    path.join(task.directory, '.opencode', 'plugin', 'p.js'),
    `import { writeFileSync } from 'node:fs';\nwriteFileSync(${JSON.stringify(ran)}, '');\nexport const p = async () => ({});\n`,
  );
  await run();
  expect(existsSync(ran)).toBe(true);
});
