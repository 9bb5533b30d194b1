import { expect, test } from '@jest/globals';
import { AGENT_OPTIONS } from '../../domain/agent-options.ts';
import { personaProblems } from '../../domain/persona-support.ts';
import type { Persona } from '../../domain/persona.ts';

const plain: Persona = { name: 'careful', sha256: 'h', instructions: 'Look twice.', noCode: false };
const full: Persona = {
  ...plain,
  model: 'm',
  maxTurns: 20,
  tools: ['Read', 'WebFetch'],
  allowedTools: ['Read'],
  permissionMode: 'plan',
  thinkingTokens: 2000,
  mcpServers: { notes: { command: 'notes', args: [], env: {} } },
  noCode: true,
};

test.each(Object.keys(AGENT_OPTIONS))('the agent %s plays a persona of words alone', (agent) => {
  expect(personaProblems(plain, agent, 100)).toEqual([]);
});

test.each([
  ['claude', []],
  [
    'anthropic',
    ['sdk_config.allowed_tools', 'sdk_config.permission_mode', 'sdk_config.mcp_servers', 'has no tool WebFetch'],
  ],
  ['codex', ['tools', 'sdk_config.allowed_tools', 'sdk_config.permission_mode', 'sdk_config.thinking']],
  ['opencode', ['tools', 'sdk_config.allowed_tools', 'sdk_config.permission_mode', 'sdk_config.thinking']],
])('the agent %s refuses by name exactly what it cannot honour', (agent, settings) => {
  const sentence = (setting: string): string =>
    setting.startsWith('has')
      ? `the agent ${agent} ${setting}, which the persona careful names`
      : `the agent ${agent} cannot honour ${setting} of the persona careful`;
  expect(personaProblems(full, agent, 100)).toEqual(settings.map(sentence));
});

test('more turns than the project allows are refused', () => {
  expect(personaProblems({ ...plain, maxTurns: 101 }, 'claude', 100)).toEqual([
    'the persona careful asks for 101 turns, but "limits.agent_turns" is 100',
  ]);
  expect(personaProblems({ ...plain, maxTurns: 100 }, 'claude', 100)).toEqual([]);
});
