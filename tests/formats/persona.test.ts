import { expect, test } from '@jest/globals';
import { PersonaInvalid, parsePersona } from '../../formats/persona.ts';

const read = (text: string, name = 'careful') => parsePersona({ text, name, file: `.claude/agents/${name}.md` });

const persona = (lines: readonly string[] = [], body = ''): string =>
  ['---', 'name: careful', 'description: Takes small steps', ...lines, '---', body].join('\n');

function problemsOf(text: string): readonly string[] {
  try {
    read(text);
  } catch (error) {
    if (error instanceof PersonaInvalid) return error.problems;
    throw error;
  }
  return [];
}

test('everything that a file says becomes instructions or a setting', () => {
  const text = persona(
    [
      'tools: Read, Bash',
      'responsibilities: [Mend the shop, Tell why]',
      'approach: Read first',
      'output_format: Short sentences',
      'constraints: [No new dependency]',
      'memory_directives: { write_policy: Never write notes, priority_sources: [docs, tests] }',
      'sdk_config:',
      '  model: claude-opus-4-5',
      '  max_turns: 50',
      '  allowed_tools: ["Bash(npm test:*)", Read]',
      '  permission_mode: plan',
      '  thinking: { type: enabled, budget_tokens: 2048 }',
      '  mcp_servers: { notes: { command: notes-server, args: [--here] }, web: { url: "http://127.0.0.1:1/mcp" } }',
    ],
    'You know this shop.\n',
  );
  expect(read(text)).toEqual({
    name: 'careful',
    description: 'Takes small steps',
    sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
    instructions: `# Your role: careful
Takes small steps

You know this shop.

## Responsibilities
- Mend the shop
- Tell why

## Approach
- Read first

## Form of what you write
- Short sentences

## Constraints
- No new dependency

## What to remember
- Never write notes

## Sources, the most important first
- docs
- tests`,
    model: 'claude-opus-4-5',
    maxTurns: 50,
    tools: ['Read', 'Bash'],
    allowedTools: ['Bash(npm test:*)', 'Read'],
    permissionMode: 'plan',
    thinkingTokens: 2048,
    mcpServers: {
      notes: { command: 'notes-server', args: ['--here'], env: {} },
      web: { type: 'http', url: 'http://127.0.0.1:1/mcp', headers: {} },
    },
    noCode: false,
  });
});

test('a file with a name, a description and nothing else sets nothing', () => {
  const { sha256: _, ...rest } = read(persona());
  expect(rest).toEqual({
    name: 'careful',
    description: 'Takes small steps',
    instructions: '# Your role: careful\nTakes small steps',
    noCode: false,
  });
});

test.each([
  ['thinking: 4096', { thinkingTokens: 4096 }],
  ['thinking: disabled', { thinkingTokens: 0 }],
  ['thinking: { type: disabled }', { thinkingTokens: 0 }],
  ['thinking: xhigh', { effort: 'xhigh' }],
  ['model: inherit', {}],
])('sdk_config takes "%s"', (line, expected) => {
  const { thinkingTokens, effort, model } = read(persona(['sdk_config:', `  ${line}`]));
  expect({ thinkingTokens, effort, model }).toEqual(expected);
});

test.each(['No code', 'no-code changes, please', 'NO CODE: look only'])('the constraint "%s" forbids edits', (line) => {
  expect(read(persona([`constraints: ["${line}"]`])).noCode).toBe(true);
});

test.each([
  [
    '',
    [
      'line 1: the file has to begin with front matter: a line "---", keys such as "name" and "description", a line "---"',
    ],
  ],
  ['---\nname: careful\n', ['line 1: the front matter is not closed: end it with a line "---"']],
  [
    '---\n---\nwords',
    ['line 2: "name" is missing (expected text)', 'line 2: "description" is missing (expected text)'],
  ],
  [
    '---\nname: other\ndescription: d\n---\n',
    ['line 2: "name" is "other", but the file is called careful.md: make them the same'],
  ],
  [persona(['contraints: [x]']), ['line 4: unknown key "contraints": did you mean "constraints"?']],
  [persona(['sdk_config: { max_turn: 3 }']), ['line 4: unknown key "max_turn": did you mean "max_turns"?']],
  [
    persona(['tools: Read, Bsh']),
    [
      'line 4: "tools" names "Bsh", which is none of the tools Agent, Bash, Edit, Glob, Grep, NotebookEdit, Read, Skill, WebFetch, WebSearch, Write',
    ],
  ],
  [
    persona(['sdk_config: { permission_mode: bypassPermissions }']),
    [
      'line 4: "sdk_config.permission_mode" cannot be "bypassPermissions" (allowed: default, acceptEdits, plan, dontAsk)',
    ],
  ],
  [
    persona(['model: a', 'sdk_config: { model: b }']),
    ['line 5: "sdk_config.model" is "b", but "model" is "a": give one of them'],
  ],
  [
    persona(['tools: [Read, Edit]', 'constraints: [no code]']),
    ['line 4: "tools" names Edit, which the constraint "no code" forbids'],
  ],
  [
    persona(['sdk_config: { mcp_servers: { run: { command: x } } }']),
    ['line 4: "sdk_config.mcp_servers.run" has a name that is taken: every session has a server "run"'],
  ],
  [persona(['name: twice']), ['line 4: Map keys must be unique']],
  [persona([], 'x'.repeat(40_000)), ['the file has more than 32 kB: keep what the persona needs']],
  [persona([], 'a\0b'), ['the file is binary: give it as Markdown text']],
])('what cannot be used is refused with its line (%#)', (text, problems) => {
  expect(problemsOf(text)).toEqual(problems);
});

test('a long list in one text stays one item', () => {
  const text = persona([`approach: "${'a, '.repeat(9000)}"`]);
  expect(read(text).instructions).toContain(`## Approach\n- ${'a, '.repeat(9000).trim()}`);
});
