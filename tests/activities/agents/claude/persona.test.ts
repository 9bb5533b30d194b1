import { existsSync } from 'node:fs';
import path from 'node:path';
import { afterEach, expect, test } from '@jest/globals';
import { careful, sessionAs, stageOf } from '../../../support/cast.ts';
import { startModel } from '../../../support/model/messages.ts';
import type { ModelServer, Turn } from '../../../support/model/messages.ts';

const CLI = path.resolve(import.meta.dirname, '../../../agents/node_modules/.bin/claude');
const SERVER = path.resolve(import.meta.dirname, '../../../../activities/agents/tools/server.ts');
/** Tells the server to note nothing. */
const NOWHERE = JSON.stringify({ files: { cords: '/dev/null', asked: '/dev/null', answered: '/dev/null' } });
let model: ModelServer | undefined;

afterEach(async () => {
  await model?.stop();
});

/** What the real CLI asked of the model at its first turn, and what came of a file that it was told to write. */
interface Seen {
  readonly end: string;
  readonly system: string;
  readonly model: string;
  readonly tools: readonly string[];
  readonly thinking: unknown;
  readonly effort: unknown;
  readonly body: string;
  readonly requests: number;
  readonly wrote: boolean;
}

interface Request {
  readonly model: string;
  readonly system: unknown;
  readonly tools?: readonly { readonly name: string }[];
  readonly thinking?: unknown;
  readonly output_config?: { readonly effort?: string };
}

const report: Turn = { tools: [{ name: 'StructuredOutput', input: { status: 'done', summary: 'all done' } }] };

async function seen(
  lines: readonly string[],
  { body = '', role = {}, chosen = 'claude-opus-5-5' } = {},
): Promise<Seen> {
  if (!existsSync(CLI))
    throw new Error('the agent CLIs are not installed: run `npm test`, or `npm ci` in tests/agents');
  let work = '';
  model = await startModel((turn) => {
    if (turn > 0) return turn === 1 ? report : { text: 'bye' };
    return { tools: [{ name: 'Write', input: { file_path: path.join(work, 'hello.txt'), content: 'hello\n' } }] };
  });
  const stage = await stageOf(
    { api: { '.claude/agents/careful.md': careful(lines, body) } },
    { ANTHROPIC_BASE_URL: model.url, ANTHROPIC_API_KEY: 'sk-ant-dummy-key-of-the-test', API_TIMEOUT_MS: '20000' },
  );
  work = path.join(stage.folder, 'work');
  const agent = { name: 'claude', model: chosen, options: { command: CLI } };
  const ended = await sessionAs(stage, { agent, ...role });
  const requests: readonly Request[] = JSON.parse(JSON.stringify(model.requests));
  const first = requests.find((request) => JSON.stringify(request).includes('Write a greeting.'));
  return {
    end: ended.report.end,
    system: JSON.stringify(first?.system),
    model: first?.model ?? '',
    tools: first?.tools?.map(({ name }) => name) ?? [],
    thinking: first?.thinking,
    effort: first?.output_config?.effort,
    body: JSON.stringify(first),
    requests: model.requests.length,
    wrote: existsSync(path.join(work, 'hello.txt')),
  };
}

test('a persona of words alone leaves the session as the project has it, and all its words reach the model', async () => {
  const words = [
    'responsibilities: [RESPONSIBLE]',
    'approach: APPROACH',
    'output_format: FORMAT',
    'constraints: [CONSTRAINT]',
    'memory_directives: { write_policy: POLICY, priority_sources: [SOURCE] }',
  ];
  const plain = await seen(words, { body: 'BODY' });
  const said = ['careful', 'Takes small steps', 'RESPONSIBLE', 'APPROACH', 'FORMAT', 'CONSTRAINT', 'POLICY', 'SOURCE'];
  expect([...said, 'BODY'].filter((word) => !plain.system.includes(word))).toEqual([]);
  expect(plain).toMatchObject({ end: 'done', model: 'claude-opus-5-5', effort: 'medium', wrote: true });
  expect(plain.thinking).toMatchObject({ type: 'adaptive' });
  expect(plain.tools).toEqual(expect.arrayContaining(['Bash', 'Edit', 'Write']));
  expect(plain.body).not.toContain('mcp__notes__');
});

test.each<[string, readonly string[], object]>([
  ['model', ['model: claude-sonnet-5-5'], { model: 'claude-sonnet-5-5' }],
  ['sdk_config.model', ['sdk_config: { model: claude-sonnet-5-5 }'], { model: 'claude-sonnet-5-5' }],
  ['sdk_config.max_turns', ['sdk_config: { max_turns: 1 }'], { end: 'incomplete_handoff', requests: 1 }],
  ['sdk_config.permission_mode', ['sdk_config: { permission_mode: plan }'], { end: 'done', wrote: false }],
  [
    'sdk_config.allowed_tools',
    ['sdk_config: { permission_mode: default, allowed_tools: [Write] }'],
    { end: 'done', wrote: true },
  ],
  [
    'sdk_config.allowed_tools, where it leaves a tool out',
    ['sdk_config: { permission_mode: default, allowed_tools: [Read] }'],
    { end: 'done', wrote: false },
  ],
  ['sdk_config.thinking as a level', ['sdk_config: { thinking: low }'], { effort: 'low' }],
  ['sdk_config.thinking, switched off', ['sdk_config: { thinking: disabled }'], { thinking: undefined }],
  [
    'sdk_config.thinking in tokens',
    ['model: claude-sonnet-4-5', 'sdk_config: { thinking: { type: enabled, budget_tokens: 2048 } }'],
    { thinking: expect.objectContaining({ type: 'enabled', budget_tokens: 2048 }) },
  ],
  [
    'sdk_config.mcp_servers',
    [
      `sdk_config: { mcp_servers: { notes: ${JSON.stringify({ command: process.execPath, args: [SERVER, NOWHERE] })} } }`,
    ],
    { body: expect.stringContaining('mcp__notes__andon') },
  ],
  ['the constraint "no code"', ['constraints: [No code]'], { end: 'done', wrote: false }],
])('%s changes the session of the real CLI', async (_, lines, changed) => {
  expect(await seen(lines)).toMatchObject(changed);
});

test.each([
  ['tools', 'tools: Read, Grep'],
  ['sdk_config.tools', 'sdk_config: { tools: [Read, Grep] }'],
])('"%s" leaves the session these tools, its report and its cord', async (_, line) => {
  const { tools, end, wrote } = await seen([line]);
  expect(tools.filter((name) => name !== 'DeferredToolPlaceholder').toSorted()).toEqual([
    'Grep',
    'Read',
    'StructuredOutput',
    'mcp__run__andon',
  ]);
  expect([end, wrote]).toEqual(['done', false]);
});

test('a role that names no persona is played by the built-in one', async () => {
  const { system, tools } = await seen([], { role: { role: 'debugger' } });
  expect(system).toContain('# Your role: debugger');
  expect(system).not.toContain('careful');
  expect(tools.filter((name) => ['Edit', 'Write', 'NotebookEdit'].includes(name))).toEqual([]);
});
