import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { AGENT_OPTIONS } from '../../domain/agent-options.ts';
import { projectJsonSchema } from '../../formats/project-schema.ts';
import { ProjectInvalid, parseProject } from '../../formats/project.ts';

const MINIMAL = 'project: shop\nrepositories:\n  api:\n    url: ./api.git\n    checks: { unit: npm test }\n';
const parse = (text: string) => parseProject({ text, name: 'p.yaml', directory: '/srv/shop' });

function problems(text: string): readonly string[] {
  try {
    parse(text);
    return [];
  } catch (error) {
    if (error instanceof ProjectInvalid) return error.problems;
    throw error;
  }
}

test('a minimal file gets every default', () => {
  expect(parse(MINIMAL)).toEqual({
    key: 'shop',
    hash: expect.stringMatching(/^[0-9a-f]{64}$/),
    repositories: [
      {
        key: 'api',
        url: '/srv/shop/api.git',
        base: 'main',
        setup: [],
        checks: [{ name: 'unit', run: 'npm test', reports: [] }],
        health: '/',
      },
    ],
    gates: ['checks'],
    environment: { kind: 'none' },
    roles: {
      developer: { agent: { name: 'claude', options: {} } },
      debugger: { agent: { name: 'claude', options: {} } },
    },
    forge: { kind: 'local', tokenEnv: 'GITHUB_TOKEN' },
    notifiers: ['log'],
    limits: expect.objectContaining({ attempts: 3, usd: 20 }),
  });
});

test('every setting reaches the project', () => {
  const text = `${MINIMAL}    setup: [npm ci, npm run build]
    start: node server.js
    health: /ready
    base: trunk
gates: [e2e, checks]
environment: process
e2e: { repository: api, run: npm run e2e, report: [r/*.xml], min_tests: 7 }
agent: { name: scripted, model: m1, script: ./a.yaml }
roles: { debugger: { agent: codex } }
forge: { kind: github, api_url: https://ghe.example/api/v3, token_env: GHE }
notify: [log]
limits: { attempts: 5, usd: 1.5, tokens: 9, minutes: 2, agent_minutes: 3, agent_silence_minutes: 4, agent_turns: 6, snapshot_minutes: 0.5, check_minutes: 7, e2e_minutes: 8, health_seconds: 9, infra_backoff_seconds: [0] }
`;
  expect(parse(text)).toMatchObject({
    repositories: [{ base: 'trunk', setup: ['npm ci', 'npm run build'], start: 'node server.js', health: '/ready' }],
    gates: ['e2e', 'checks'],
    environment: { kind: 'process' },
    e2e: { repository: 'api', run: 'npm run e2e', reports: ['r/*.xml'], minTests: 7, reruns: 1 },
    roles: {
      developer: { agent: { name: 'scripted', model: 'm1', options: { script: '/srv/shop/a.yaml' } } },
      debugger: { agent: { name: 'codex', options: {} } },
    },
    forge: { kind: 'github', apiUrl: 'https://ghe.example/api/v3', tokenEnv: 'GHE' },
    limits: {
      attempts: 5,
      usd: 1.5,
      tokens: 9,
      runSeconds: 120,
      agentSeconds: 180,
      agentSilenceSeconds: 240,
      agentTurns: 6,
      snapshotSeconds: 30,
      checkSeconds: 420,
      e2eSeconds: 480,
      healthSeconds: 9,
      infraBackoffSeconds: [0],
    },
  });
});

test('owner/name is a repository of GitHub', () => {
  expect(parse(MINIMAL.replace('./api.git', 'acme/api').concat('forge: github\n')).repositories[0]?.url).toBe(
    'https://github.com/acme/api.git',
  );
});

test.each<[string, string, RegExp]>([
  ['an empty file', '', /the file is empty/],
  ['broken YAML', 'project: [', /^line \d+: /],
  ['a key twice', `${MINIMAL}project: again\n`, /^line 6: Map keys must be unique/],
  ['an unknown key', MINIMAL.replace('checks', 'chekcs'), /^line 5: unknown key "chekcs": did you mean "checks"\?$/],
  ['a missing project', MINIMAL.replace('project: shop\n', ''), /"project" is missing/],
  ['a key with a slash', MINIMAL.replace('shop', 'a/b'), /^line 1: "project" has to be 1 to 40 letters/],
  ['no repository', 'project: shop\nrepositories: {}\n', /"repositories" is empty/],
  ['a gate that does not exist', `${MINIMAL}gates: [chekcs]\n`, /^line 6: "gates\.0"/],
  ['an unknown environment', `${MINIMAL}environment: moon\n`, /^line 6: "environment"/],
  ['attempts of zero', `${MINIMAL}limits: { attempts: 0 }\n`, /^line 6: "limits\.attempts"/],
  [
    'a suite in a repository that is not there',
    `${MINIMAL}e2e: { repository: apj, run: x }\n`,
    /"e2e.repository" names "apj".*did you mean "api"\?/,
  ],
  ['the gate e2e without a suite', `${MINIMAL}gates: [e2e]\n`, /the gate "e2e" needs a section "e2e"/],
  ['an environment without a service', `${MINIMAL}environment: process\n`, /needs "start" in at least one repository/],
])('%s is refused with its place', (_, text, sentence) => {
  expect(problems(text).join('\n')).toMatch(sentence);
});

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

test('the published JSON Schema is the one of the code', async () => {
  expect(await readFile(path.resolve(import.meta.dirname, '../../schema/spec-to-pr.schema.json'), 'utf8')).toBe(
    projectJsonSchema(),
  );
});

test('budgets of sessions and of the project, and prices, are read', () => {
  const { limits, prices } = parse(
    `${MINIMAL}limits: { session_usd: 2, session_tokens: 9, project_usd: 50, project_tokens: 99, project_per: day }
prices: { as_of: 2026-11-01, gpt-9: { input: 1.25, output: 10 }, "other:7b": { input: 0, output: 0, cached: 0 } }
`,
  );
  expect([limits.sessionUsd, limits.sessionTokens, limits.project, limits.unpriced]).toEqual([
    2,
    9,
    { usd: 50, tokens: 99, per: 'day' },
    undefined,
  ]);
  expect(prices).toEqual({
    asOf: '2026-11-01',
    models: { 'gpt-9': { input: 1.25, output: 10 }, 'other:7b': { input: 0, output: 0, cached: 0 } },
  });
  expect(parse(`${MINIMAL}limits: { project_usd: 5 }\n`).limits.project).toEqual({ usd: 5, per: 'month' });
});

test.each([
  ['{ tokens: 5 }', 'allowed'],
  ['{ project_tokens: 5 }', 'allowed'],
  ['{ tokens: 5, usd: 1 }', undefined],
  ['{ tokens: 5, session_usd: 1 }', undefined],
  ['{}', undefined],
])('with the limits %s, sessions of unknown cost are %s', (limits, unpriced) => {
  expect(parse(`${MINIMAL}limits: ${limits}\n`).limits.unpriced).toBe(unpriced);
});

test('prices and budgets that make no sense are refused', () => {
  expect(problems(`${MINIMAL}limits: { project_per: day }\n`)).toEqual([
    '"limits.project_per" needs "project_usd" or "project_tokens": there is no budget to divide',
  ]);
  expect(problems(`${MINIMAL}prices: { gpt-9: { input: 1 } }\n`)).toEqual([expect.stringContaining('output')]);
  expect(problems(`${MINIMAL}prices: { as_of: today }\n`)).toEqual([expect.stringContaining('as_of')]);
  expect(problems(`${MINIMAL}limits: { project_usd: -1 }\n`)).toEqual([expect.stringContaining('project_usd')]);
});
