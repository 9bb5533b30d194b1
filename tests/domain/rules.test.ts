import { expect, test } from '@jest/globals';
import { rulesSection } from '../../domain/rules.ts';
import type { RuleText } from '../../domain/rules.ts';

const rule = (file: RuleText['file'], text: string, repository = 'api'): RuleText => ({
  ...{ repository, file, text, sha256: `hash of ${repository}/${file}` },
});
const AGENTS = rule('AGENTS.md', 'Use tabs.');
const CLAUDE = rule('CLAUDE.md', 'Be brief.');

/** The files whose text is in the section. */
function given(rules: readonly RuleText[], agent: string, repositories = 1): readonly string[] {
  const section = rulesSection(rules, { agent, repositories });
  for (const { sha256 } of rules) expect(section).toContain(sha256);
  return rules
    .filter(({ text }) => section.includes(`markdown\n${text}\n`))
    .map(({ repository, file }) => `${repository}/${file}`);
}

test.each([
  ['claude', ['api/AGENTS.md']],
  ['codex', ['api/CLAUDE.md']],
  ['opencode', []],
  ['anthropic', ['api/AGENTS.md', 'api/CLAUDE.md']],
  ['acp', ['api/AGENTS.md', 'api/CLAUDE.md']],
  ['command', ['api/AGENTS.md', 'api/CLAUDE.md']],
])('%s is given the text of what it does not read by itself, and every hash', (agent, files) => {
  expect(given([AGENTS, CLAUDE], agent)).toEqual(files);
});

test.each([
  ['claude', ['api/AGENTS.md', 'api/CLAUDE.md']],
  ['codex', ['api/AGENTS.md', 'api/CLAUDE.md']],
  ['opencode', []],
])('with several repositories %s starts above them', (agent, files) => {
  expect(given([AGENTS, CLAUDE], agent, 2)).toEqual(files);
});

test.each([
  ['claude', 'Read @AGENTS.md first.', []],
  ['claude', 'AGENTS.md', []],
  ['codex', '@AGENTS.md\n', []],
  ['command', '@AGENTS.md\n', ['api/AGENTS.md']],
  ['command', 'Read @AGENTS.md first.', ['api/AGENTS.md', 'api/CLAUDE.md']],
])('%s with a CLAUDE.md of "%s" hears nothing twice', (agent, text, files) => {
  expect(given([AGENTS, rule('CLAUDE.md', text)], agent)).toEqual(files);
});

test('rules that would flood the prompt are cut, and fenced so that they cannot end their fence', () => {
  const section = rulesSection([rule('AGENTS.md', `\`\`\`\n${'a'.repeat(40_000)}`), CLAUDE], {
    agent: 'command',
    repositories: 1,
  });
  expect(section.length).toBeLessThan(33_000);
  expect(section).toContain('````markdown\n```\naaa');
  expect(section).toContain('characters cut)');
});

test('repositories without rules add nothing', () => {
  expect(rulesSection([], { agent: 'claude', repositories: 1 })).toBe('');
});
