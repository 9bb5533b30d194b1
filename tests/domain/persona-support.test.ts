import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { AGENT_OPTIONS } from '../../domain/agent-options.ts';
import { HONOURED, personaProblems } from '../../domain/persona-support.ts';
import type { Persona } from '../../domain/persona.ts';

const plain: Persona = {
  name: 'careful',
  description: 'Careful',
  sha256: 'h',
  instructions: 'Look twice.',
  noCode: false,
};
const problems = (changes: Partial<Persona>, name: string, model?: string): readonly string[] =>
  personaProblems({
    persona: { ...plain, ...changes },
    agent: model === undefined ? { name } : { name, model },
    maxTurns: 100,
  });

test.each(Object.keys(AGENT_OPTIONS))('the agent %s plays a persona of words alone', (agent) => {
  expect(problems({}, agent)).toEqual([]);
});

const SETTINGS: Readonly<Record<string, Partial<Persona>>> = {
  model: { model: 'm' },
  'sdk_config.max_turns': { maxTurns: 20 },
  tools: { tools: ['Read'] },
  'sdk_config.allowed_tools': { allowedTools: ['Read'] },
  'sdk_config.permission_mode': { permissionMode: 'plan' },
  'sdk_config.thinking': { effort: 'high' },
  'sdk_config.mcp_servers': { mcpServers: { notes: { command: 'notes', args: [], env: {} } } },
  'the constraint "no code"': { noCode: true },
};

test.each([
  ['claude', []],
  ['anthropic', ['sdk_config.allowed_tools', 'sdk_config.permission_mode', 'sdk_config.mcp_servers']],
  ['codex', ['tools', 'sdk_config.allowed_tools', 'sdk_config.permission_mode']],
  ['opencode', ['tools', 'sdk_config.allowed_tools', 'sdk_config.permission_mode', 'sdk_config.thinking']],
  ['acp', Object.keys(SETTINGS).slice(2)],
  ['command', Object.keys(SETTINGS).slice(2)],
  ['scripted', Object.keys(SETTINGS)],
])('the agent %s refuses by name exactly what it cannot honour', (agent, refused) => {
  const sentence = (setting: string): string => `the agent ${agent} cannot honour ${setting} of the persona careful`;
  const found = Object.values(SETTINGS).flatMap((setting) => problems(setting, agent));
  expect(found).toEqual(refused.map(sentence));
});

test.each<[string, Partial<Persona>, readonly [string, string?]]>([
  ['has no tool WebFetch, which the persona careful names', { tools: ['Read', 'WebFetch'] }, ['anthropic']],
  ['its model takes a level, such as "high", and no tokens', { thinkingTokens: 2048 }, ['claude']],
  ['claude-opus-5-5 takes a level', { thinkingTokens: 2048 }, ['claude', 'claude-opus-5-5']],
  ['claude-haiku-4-5 takes tokens and no level', { effort: 'low' }, ['claude', 'claude-haiku-4-5']],
  ['it takes a level, such as "high", and no tokens', { thinkingTokens: 0 }, ['codex']],
  ['its levels are low, medium, high, xhigh', { effort: 'max' }, ['codex']],
  ['asks for 101 turns, but "limits.agent_turns" is 100', { maxTurns: 101 }, ['claude']],
])('a value that would have no effect is refused: %s', (why, persona, agent) => {
  expect(problems(persona, ...agent)).toEqual([expect.stringContaining(why)]);
});

test.each<[Partial<Persona>, readonly [string, string?]]>([
  [{ thinkingTokens: 2048, model: 'claude-sonnet-4-5' }, ['claude', 'claude-opus-5-5']],
  [{ thinkingTokens: 0 }, ['claude']],
  [{ effort: 'max' }, ['claude']],
  [{ maxTurns: 100 }, ['claude']],
  [{ tools: ['Read', 'Bash'] }, ['anthropic']],
])('a value with an effect is taken (%#)', (persona, agent) => {
  expect(problems(persona, ...agent)).toEqual([]);
});

test('the table in the documentation says what the agents honour', () => {
  const page = readFileSync(path.resolve(import.meta.dirname, '../../docs/personas.md'), 'utf8');
  const rows = page
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
  const [head = [], , ...body] = rows;
  const names: Readonly<Record<string, readonly string[]>> = {
    '`model`, `max_turns`': ['model', 'sdk_config.max_turns'],
    '`constraints: [no code]`': ['the constraint "no code"'],
    '`thinking`': ['sdk_config.thinking'],
    '`tools`': ['tools'],
    '`mcp_servers`': ['sdk_config.mcp_servers'],
    '`allowed_tools`, `permission_mode`': ['sdk_config.allowed_tools', 'sdk_config.permission_mode'],
  };
  const documented = head
    .slice(1)
    .map((agent, index) => [
      agent.replaceAll('`', ''),
      body.flatMap(([name = '', ...cells]) => (cells[index] === '' ? [] : (names[name] ?? []))).toSorted(),
    ]);
  const honoured = Object.entries(HONOURED).map(([agent, settings]) => [agent, settings.toSorted()]);
  expect(Object.fromEntries(documented)).toEqual(Object.fromEntries(honoured));
});
