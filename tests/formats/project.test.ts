import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { DEFAULT_LEASES } from '../../domain/lease.ts';
import { projectJsonSchema } from '../../formats/project-schema.ts';
import { MINIMAL, parse, problems } from '../support/project-file.ts';

test('a minimal file gets every default', () => {
  expect(parse(MINIMAL)).toEqual({
    key: 'shop',
    hash: expect.stringMatching(/^[0-9a-f]{64}$/),
    leases: DEFAULT_LEASES,
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
    diagnosis: { commands: [] },
    sandbox: { kind: 'auto', network: 'open', reads: [], hosts: [], engine: 'docker' },
    forge: { kind: 'local', tokenEnv: 'GITHUB_TOKEN' },
    notifiers: [{ name: 'log', options: {} }],
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
diagnosis: { commands: redis-cli info }
sandbox: { kind: bubblewrap, network: model, read: [~/.cargo], hosts: [gateway.example:8443] }
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
    diagnosis: { commands: ['redis-cli info'] },
    sandbox: { kind: 'bubblewrap', network: 'model', reads: ['~/.cargo'], hosts: ['gateway.example:8443'] },
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

test('channels and the waiting policy reach the project with their settings', () => {
  const text = `${MINIMAL}forge: { kind: github, api_url: https://ghe.example/api/v3, token_env: GHE }
notify:
  - log
  - { channel: github, repository: api }
  - { channel: email, host: smtp.example, user: bot, from: bot@example.com, to: [ann@example.com, ben@example.com] }
waiting: { remind_after: 24h, after: 7d, decide: accept_draft }
`;
  expect(parse(text)).toMatchObject({
    notifiers: [
      { name: 'log', options: {} },
      {
        name: 'github',
        options: { api_url: 'https://ghe.example/api/v3', token_env: 'GHE', repository: '/srv/shop/api.git' },
      },
      {
        name: 'email',
        options: {
          host: 'smtp.example',
          port: '587',
          user: 'bot',
          password_env: 'SPEC_TO_PR_SMTP_PASSWORD',
          from: 'bot@example.com',
          to: 'ann@example.com, ben@example.com',
        },
      },
    ],
    waiting: { remindSeconds: 86_400, fallback: { decision: 'accept_draft', afterSeconds: 604_800 } },
  });
  expect(parse(`${MINIMAL}waiting: { remind_after: 90s }\n`).waiting).toEqual({ remindSeconds: 90 });
  const gates = '{ e2e: { decide: abort, after: 1h }, checks: { decide: wait } }';
  expect(parse(`${MINIMAL}waiting: { remind_after: 90s, gates: ${gates} }\n`).waiting).toEqual({
    remindSeconds: 90,
    gates: { e2e: { fallback: { decision: 'abort', afterSeconds: 3600 } }, checks: { fallback: null } },
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
  ['a suite without a command', `${MINIMAL}e2e: { repository: api }\n`, /"e2e" needs "run", the command of the suite/],
  [
    'a suite with two commands',
    `${MINIMAL}e2e: { repository: api, run: x }\nenvironment: { kind: command, commands: { deploy: a, destroy: b, e2e: c } }\n`,
    /"e2e\.run" and "environment\.commands\.e2e" are both the suite: leave one out/,
  ],
  [
    "a provider's suite in no repository",
    `${MINIMAL}environment: { kind: command, commands: { deploy: a, destroy: b, e2e: c } }\n`,
    /"environment\.commands\.e2e" needs a section "e2e" with the "repository" of the suite/,
  ],
  ['the gate e2e without a suite', `${MINIMAL}gates: [e2e]\n`, /the gate "e2e" needs a section "e2e"/],
  [
    'an environment that needs settings',
    `${MINIMAL}environment: command\n`,
    /^line 6: "environment" has to be none, .* with "kind"$/,
  ],
  [
    'an environment of no kind',
    `${MINIMAL}environment: { kind: moon }\n`,
    /^line 6: "environment.kind" cannot be "moon" .allowed: none, process, command, compose, kubernetes.$/,
  ],
  [
    'a typo in an environment',
    `${MINIMAL}environment: { kind: compose, files: x }\n`,
    /^line 6: unknown key "files": did you mean "file"\?$/,
  ],
  [
    'commands without destroy',
    `${MINIMAL}environment: { kind: command, commands: { deploy: x } }\n`,
    /^line 6: "environment.commands.destroy" is missing/,
  ],
  ['a cluster without objects', `${MINIMAL}environment: { kind: kubernetes }\n`, /needs "manifests" or "chart"/],
  [
    'files in a repository that is not there',
    `${MINIMAL}environment: { kind: compose, repository: apj }\n`,
    /"environment.repository" names "apj".*"api"\?/,
  ],
  ['a channel twice', `${MINIMAL}notify: [log, log]\n`, /^"notify" names a channel twice$/],
  ['a channel without its settings', `${MINIMAL}notify: [email]\n`, /^line 6: "notify\.0"/],
  [
    'a channel to a repository that is not there',
    `${MINIMAL}notify: [{ channel: github, repository: apj }]\n`,
    /"notify" sends to the repository "apj".*did you mean "api"\?/,
  ],
  ['a duration without a unit', `${MINIMAL}waiting: { remind_after: 30 }\n`, /^line 6: "waiting\.remind_after"/],
  [
    'a decision without a time',
    `${MINIMAL}waiting: { decide: abort }\n`,
    /"waiting\.decide" abort needs "waiting\.after"/,
  ],
  [
    'a time without a decision for a gate',
    `${MINIMAL}waiting: { gates: { e2e: { after: 7d } } }\n`,
    /"waiting\.gates\.e2e\.after" needs "waiting\.gates\.e2e\.decide"/,
  ],
  ['a time without a decision', `${MINIMAL}waiting: { after: 7d }\n`, /"waiting\.after" needs "waiting\.decide"/],
  ['a container without an image', `${MINIMAL}sandbox: container\n`, /the sandbox "container" needs "image"/],
  ['a network without a sandbox', `${MINIMAL}sandbox: { kind: none, network: none }\n`, /"none" needs a sandbox/],
  ['a relative folder to read', `${MINIMAL}sandbox: { read: [lib] }\n`, /"sandbox.read" takes .*, not "lib"/],
  ['an unknown sandbox', `${MINIMAL}sandbox: jail\n`, /^line 6: "sandbox"/],
  ['an environment without a service', `${MINIMAL}environment: process\n`, /needs "start" in at least one repository/],
])('%s is refused with its place', (_, text, sentence) => {
  expect(problems(text).join('\n')).toMatch(sentence);
});

test('the published JSON Schema is the one of the code', async () => {
  expect(await readFile(path.resolve(import.meta.dirname, '../../schema/spec-to-pr.schema.json'), 'utf8')).toBe(
    projectJsonSchema(),
  );
});

test('settings of an environment get their defaults, and paths are those of the file', () => {
  const environment = (text: string): unknown => parse(`${MINIMAL}\nenvironment: ${text}`).environment;
  const shared = { directory: '/srv/shop', env: [], health: {}, seconds: 900 };
  expect(environment('compose')).toEqual({ kind: 'compose', ...shared, files: ['compose.yaml'], profiles: [] });
  expect(environment('{ kind: command, env: [HOME], minutes: 1, commands: { deploy: a, destroy: b } }')).toEqual({
    ...{ kind: 'command', ...shared, env: ['HOME'], seconds: 60 },
    commands: { deploy: 'a', destroy: 'b' },
  });
  const caps = 'memory_mb: 512, processes: 20, cpu_seconds: 60, open_files: 999';
  const service = '    start: node server.js\n';
  expect(parse(`${MINIMAL}${service}environment: { kind: process, ${caps} }`).environment).toEqual({
    ...{ kind: 'process', memoryMb: 512, processes: 20 },
    ...{ cpuSeconds: 60, openFiles: 999 },
  });
  expect(problems(`${MINIMAL}${service}environment: { kind: process, memory_mb: 0 }`).join('\n')).toMatch(/memory_mb/);
  expect(environment('{ kind: kubernetes, manifests: k8s, repository: api, context: c }')).toEqual({
    ...{ kind: 'kubernetes', ...shared, repository: 'api', context: 'c' },
    ...{ manifests: ['k8s'], urls: {} },
  });
});

test('a role names its persona, and a name that is a path is refused', () => {
  const roles = 'roles: { developer: { persona: careful }, debugger: { agent: codex, persona: detective } }\n';
  expect(parse(MINIMAL + roles).roles).toEqual({
    developer: { agent: { name: 'claude', options: {} }, persona: 'careful' },
    debugger: { agent: { name: 'codex', options: {} }, persona: 'detective' },
  });
  expect(problems(`${MINIMAL}roles: { developer: { persona: ../x } }\n`)).toEqual([
    'line 6: "roles.developer.persona" has to be 1 to 64 letters, digits, "_" or "-"',
  ]);
  expect(problems(`${MINIMAL}roles: { developer: { person: x } }\n`)).toEqual([
    'line 6: unknown key "person": did you mean "persona"?',
  ]);
});
