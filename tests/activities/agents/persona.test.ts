import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { careful, sessionAs, stageOf } from '../../support/cast.ts';
import { NOTES, seen, times } from './seen.ts';
import { acp, anthropic, codex } from './words.ts';
import type { Words } from './words.ts';

test.each<[string, Words, string]>([
  ['acp', acp, 'claude-sonnet-5-5'],
  ['anthropic', anthropic, 'claude-opus-5-5'],
  ['codex', codex, 'gpt-5-codex'],
])(
  '%s hears its persona and every rule of the repository once, and works with the persona’s model',
  async (name, words, chosen) => {
    const { end, wrote, body } = await seen(name, words, name === 'acp' ? [] : [`model: ${chosen}`]);
    expect([end, wrote]).toEqual(['done', true]);
    const heard = ['Your role: careful', 'Takes small steps', 'THE BODY', 'RULE-A', 'RULE-C'];
    expect(heard.map((part) => [part, times(body, part)])).toEqual(heard.map((part) => [part, 1]));
    if (name !== 'acp') expect(body).toContain(`"model":"${chosen}"`);
  },
);

test.each<[string, Words]>([
  ['anthropic', anthropic],
  ['codex', codex],
])('the constraint "no code" leaves %s without a way to write the file by its tool', async (name, words) => {
  const { end, wrote } = await seen(name, words, ['constraints: [No code]']);
  expect([end, wrote]).toEqual(['done', false]);
});

test('codex is offered the tools of the persona’s own server', async () => {
  const { end, body } = await seen('codex', codex, [`sdk_config: { ${NOTES} }`]);
  expect(end).toBe('done');
  expect(body).toContain('mcp__notes');
});

test.each<[string, Words, string, string]>([
  ['anthropic', anthropic, 'sdk_config: { thinking: high }', '"effort":"high"'],
  ['anthropic', anthropic, 'sdk_config: { thinking: disabled }', '"thinking":{"type":"disabled"}'],
  [
    'anthropic',
    anthropic,
    'sdk_config: { model: claude-sonnet-4-5, thinking: 2048 }',
    '"thinking":{"type":"enabled","budget_tokens":2048}',
  ],
  ['codex', codex, 'sdk_config: { thinking: high }', '"effort":"high"'],
])('%s thinks as its persona says (%#)', async (name, words, line, part) => {
  const { end, body } = await seen(name, words, [line]);
  expect(end).toBe('done');
  expect(body).toContain(part);
});

test('anthropic has the persona’s tools alone, beside its report and its cord', async () => {
  const { body } = await seen('anthropic', anthropic, ['tools: Read, Bash']);
  const { tools }: { tools: readonly { name: string }[] } = JSON.parse(body);
  expect(tools.map(({ name }) => name).toSorted()).toEqual(['andon', 'bash', 'read', 'report']);
});

test('a program hears its persona on its standard input, before the prompt, and its turns in its environment', async () => {
  const stage = await stageOf({
    api: { '.claude/agents/careful.md': careful(['sdk_config: { max_turns: 7, model: m }']) },
  });
  const program = path.join(stage.folder, 'program.mjs');
  writeFileSync(
    program,
    `import { readFileSync, writeFileSync } from 'node:fs';
     const { SPEC_TO_PR_TURNS: turns, SPEC_TO_PR_MODEL: model } = process.env;
     writeFileSync('heard.json', JSON.stringify({ turns, model, prompt: readFileSync(0, 'utf8') }));
     console.log(JSON.stringify({ type: 'end', as: 'done', why: '', summary: '' }));`,
  );
  const options = { command: process.execPath, arguments: program };
  const { report, directory } = await sessionAs(stage, { agent: { name: 'command', options } });
  expect(report.end).toBe('done');
  expect(JSON.parse(readFileSync(path.join(directory, 'heard.json'), 'utf8'))).toEqual({
    turns: '7',
    model: 'm',
    prompt: '# Your role: careful\nTakes small steps\n\nWrite a greeting.',
  });
});
