import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { acp } from '../../../activities/agents/acp/index.ts';
import type { AcpScript } from '../../support/acp-agent.ts';
import { agentScene, KEY, leftOver } from '../../support/agent.ts';
import type { AgentScene } from '../../support/agent.ts';
import { temporaryFolder } from '../../support/folder.ts';
import { startModel } from '../../support/model/messages.ts';
import type { Turn } from '../../support/model/messages.ts';

const AGENT = path.resolve(import.meta.dirname, '../../support/acp-agent.ts');
const CLAUDE = path.resolve(import.meta.dirname, '../../agents/node_modules/.bin/claude-agent-acp');
const DONE = { say: JSON.stringify({ status: 'done', summary: 'all done' }) };

async function scene(
  script: AcpScript | ((folder: string) => AcpScript),
  given: Parameters<typeof agentScene>[1] = {},
): Promise<AgentScene> {
  const options: Record<string, string> = { command: process.execPath, ...given.options };
  const made = await agentScene(acp, { ...given, options });
  const file = path.join(made.folder, 'script.json');
  await writeFile(file, JSON.stringify(typeof script === 'function' ? script(made.folder) : script));
  options['arguments'] = `${AGENT} ${file}`;
  return made;
}

const events = async (transcript: string): Promise<readonly Record<string, unknown>[]> =>
  (await readFile(transcript, 'utf8'))
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));

test('an agent may write in the folder and nowhere else, and the report is its last message', async () => {
  const { task, folder, run } = await scene((folder) => ({
    acts: [{ write: path.join(folder, 'work', 'in.txt') }, { write: path.join(folder, 'out.txt') }, DONE],
  }));
  const report = await run();
  expect(report).toMatchObject({ end: 'done', why: '', summary: 'all done', turns: 2, usd: 0 });
  expect(existsSync(path.join(task.directory, 'in.txt'))).toBe(true);
  expect(existsSync(path.join(folder, 'out.txt'))).toBe(false);
  expect((await events(report.transcript)).map(({ type, is_error }) => [type, is_error])).toEqual([
    ['session', undefined],
    ['file_change', undefined],
    ['tool_result', false],
    ['file_change', undefined],
    ['tool_result', true],
    ['text', undefined],
    ['usage', undefined],
    ['end', undefined],
  ]);
});

test('Claude behind the protocol is refused a file outside of the folder, and its cost and tokens are counted', async () => {
  const outside = path.join(await temporaryFolder(), 'out.txt');
  const write = (file_path: string): Turn => ({ tools: [{ name: 'Write', input: { file_path, content: 'x' } }] });
  const model = await startModel((turn) => [write(outside), write('in.txt'), { text: DONE.say }][turn] ?? {});
  const environment = { ANTHROPIC_BASE_URL: model.url, ANTHROPIC_API_KEY: KEY };
  const { task, run } = await agentScene(acp, { options: { command: CLAUDE }, environment });
  const report = await run();
  await model.stop();
  expect(report).toMatchObject({ end: 'done', summary: 'all done', turns: 2, tokens: 3300 });
  expect(report.usd).toBeGreaterThan(0);
  expect([existsSync(outside), existsSync(path.join(task.directory, 'in.txt'))]).toEqual([false, true]);
  expect(await leftOver(task)).toEqual([]);
});

test.each([
  ['session/resume', { sessionCapabilities: { resume: {} } }],
  ['session/load', { loadSession: true }],
])('an agent that dies goes on by %s in the same session, and its cost so far counts once', async (_, capabilities) => {
  const { run } = await scene((folder) => ({
    capabilities,
    acts: [{ cost: 0.5 }, { dieOnce: path.join(folder, 'died') }, { cost: 0.8 }, DONE],
  }));
  const report = await run();
  expect(report).toMatchObject({ end: 'done', summary: 'all done' });
  expect(report.usd).toBeCloseTo(0.8, 9);
  const told = await events(report.transcript);
  const sessions = told.flatMap(({ type, id }) => (type === 'session' ? [id] : []));
  expect(sessions).toEqual([report.sessionId, report.sessionId]);
  expect(told.filter(({ text }) => text === 'what was said before')).toEqual([]);
});

test('an agent that cannot go on with a session starts anew', async () => {
  const { run } = await scene((folder) => ({ acts: [{ dieOnce: path.join(folder, 'died') }, DONE] }));
  const report = await run();
  expect(report).toMatchObject({ end: 'done', summary: 'all done' });
  const told = await events(report.transcript);
  const [first, last] = told.flatMap(({ type, id }) => (type === 'session' ? [id] : []));
  expect(last).toBe(report.sessionId);
  expect(first).not.toBe(last);
});

test('the model is chosen among those that the agent offers', async () => {
  const script = { models: ['small', 'large'], acts: [{ say: 'I am {model}' }, DONE] };
  const { transcript } = await (await scene(script, { model: 'large' })).run();
  expect(await events(transcript)).toContainEqual({ type: 'text', text: 'I am large' });
  expect(await (await scene(script, { model: 'huge' })).run()).toMatchObject({
    ...{ end: 'needs_human', why: expect.stringContaining('huge') },
  });
  expect(await (await scene({ acts: [DONE] }, { model: 'large' })).run()).toMatchObject({ end: 'needs_human' });
});

test('an agent of another version of the protocol is for a person to see to', async () => {
  expect(await (await scene({ version: 0, acts: [DONE] })).run()).toMatchObject({
    ...{ end: 'needs_human', why: 'the agent speaks version 0 of the protocol, not 1' },
  });
});

test.each([
  [{ code: -32_000 }, 'needs_human'],
  [{ code: -32_603, data: { errorKind: 'rate_limit' } }, 'quota_parked'],
  [{ code: -32_603, data: { errorKind: 'overloaded' } }, 'provider_down'],
  [{ code: -32_603, data: { errorKind: 'billing_error' } }, 'needs_human'],
])('a prompt that fails with %j ends a session as %s', async (fail, end) => {
  expect(await (await scene({ acts: [{ fail }] })).run()).toMatchObject({ end });
});

test('an agent that tells its cost on the way is ended when it has spent the budget', async () => {
  const acts = [{ cost: 0.4 }, { cost: 0.9 }, ...Array.from({ length: 500 }, () => ({ say: 'x' }))];
  const { run } = await scene({ acts }, { limits: { usd: 0.5 } });
  expect(await run()).toMatchObject({ end: 'budget_exhausted', usd: 0.9 });
});

test('a command is needed, and must exist', async () => {
  await expect((await agentScene(acp, {})).run()).rejects.toMatchObject({ name: 'AgentRejected' });
  const { run } = await agentScene(acp, { options: { command: '/no/such/agent' } });
  await expect(run()).rejects.toMatchObject({ name: 'AgentRejected' });
});
