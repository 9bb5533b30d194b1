import { expect, test } from '@jest/globals';
import { AGENT_OPTIONS } from '../../domain/agent-options.ts';
import { MINIMAL, parse, problems } from '../support/project-file.ts';

const ALL = Object.keys(AGENT_OPTIONS).join(', ');

test.each([
  ['claud', `line 6: "agent" cannot be "claud" (allowed: ${ALL}): did you mean "claude"?`],
  ['{ name: claud }', `line 6: "agent.name" cannot be "claud" (allowed: ${ALL}): did you mean "claude"?`],
  ['{ model: m1 }', `line 6: "agent.name" is missing (allowed: ${ALL})`],
  ['7', `line 6: "agent" has the wrong form (allowed: ${ALL})`],
  [
    '{ name: codex, colour: blue }',
    'line 6: unknown key "colour" in "agent" (allowed: name, model, command, sandbox, network, effort)',
  ],
  ['{ name: codex, sandbx: read-only }', 'line 6: unknown key "sandbx": did you mean "sandbox"?'],
  ['{ name: claude, sandbox: read-only }', 'line 6: unknown key "sandbox" in "agent" (allowed: name, model, command)'],
  [
    '{ name: codex, sandbox: readonly }',
    'line 6: "agent.sandbox" cannot be "readonly" (allowed: read-only, workspace-write, danger-full-access): did you mean "read-only"?',
  ],
  ['{ name: codex, network: "yes" }', 'line 6: "agent.network" has to be true or false, not text'],
  ['{ name: opencode, context: many }', 'line 6: "agent.context" has to be a number, not text'],
  ['scripted', '"agent.script" is missing: the agent "scripted" needs it'],
  [
    'claude\nroles: { debugger: { agent: { name: codex, efort: high } } }',
    'line 7: unknown key "efort": did you mean "effort"?',
  ],
  [
    'claude\nroles: { debugger: { agent: scripted } }',
    '"roles.debugger.agent.script" is missing: the agent "scripted" needs it',
  ],
  ['{ name: command }', '"agent.command" is missing: the agent "command" needs it'],
])('the agent %s is refused by one sentence that says what is allowed', (agent, sentence) => {
  expect(problems(`${MINIMAL}agent: ${agent}\n`)).toEqual([sentence]);
});

test.each([
  ['./bin/agent', '/srv/shop/bin/agent'],
  ['bin/agent', '/srv/shop/bin/agent'],
  ['/opt/agent', '/opt/agent'],
  ['my-agent', 'my-agent'],
])('the command %s is the program %s of a project in /srv/shop', (given, program) => {
  const { agent } = parse(`${MINIMAL}agent: { name: command, command: ${given}, home: ./h }\n`).roles.developer;
  expect(agent).toEqual({ name: 'command', options: { command: program, home: './h' } });
});

test('every option that an agent declares reaches it as text', () => {
  const agent = '{ name: codex, model: m1, command: /opt/codex, sandbox: read-only, network: true, effort: high }';
  expect(parse(`${MINIMAL}agent: ${agent}\n`).roles.developer.agent).toEqual({
    name: 'codex',
    model: 'm1',
    options: { command: '/opt/codex', sandbox: 'read-only', network: 'true', effort: 'high' },
  });
  const prices = parse(`${MINIMAL}agent: { name: opencode, input_price: 1.5 }\n`).roles.debugger?.agent;
  expect(prices).toEqual({ name: 'opencode', options: { input_price: '1.5' } });
});
