import { mkdir, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { execa } from 'execa';
import { prepareShop } from '../../examples/prepare.ts';
import { temporaryFolder } from '../support/folder.ts';

const CLI = path.resolve(import.meta.dirname, '../../client/main.ts');

interface Printed {
  readonly exitCode: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the CLI as a person would, with a state folder of its own. */
async function cli(
  cwd: string,
  args: readonly string[],
  extra: { input?: string; env?: Record<string, string> } = {},
): Promise<Printed> {
  const env = { PATH: process.env['PATH'] ?? '', HOME: cwd, SPEC_TO_PR_HOME: path.join(cwd, 'state'), ...extra.env };
  const { exitCode, stdout, stderr } = await execa(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', CLI, ...args],
    { cwd, env, extendEnv: false, reject: false, input: extra.input ?? '' },
  );
  return { exitCode, stdout, stderr };
}

async function shop(): Promise<string> {
  const folder = await temporaryFolder();
  await prepareShop(folder);
  return folder;
}

test.each<[string, string[], string, RegExp]>([
  ['no spec at all', ['run'], '', /^no spec: give --file, --inline or --stdin$/],
  ['two doors at once', ['run', '--inline', 'x', '--file', 'spec.md'], '', /^give only one of/],
  ['a file that is not there', ['run', '--file', 'gone.md'], '', /^the spec gone\.md does not exist$/],
  ['a folder', ['run', '--file', 'attempts'], '', /^the spec attempts is not a file$/],
  ['an empty spec', ['run', '--inline', '  \n'], '', /^inline text: the spec is empty: say what to build$/],
  ['an empty standard input', ['run', '--stdin'], '', /^standard input: the spec is empty/],
  ['a binary file', ['run', '--file', 'api.git/index.bin'], '', /the spec is a binary file: give it as Markdown text$/],
  ['a spec of 5 MB', ['run', '--file', 'huge.md'], '', /the spec has 5\.0 MB, at most 256 kB are taken/],
  ['broken front matter', ['run', '--stdin'], '---\ntitle: [a\n---\nText', /front matter, line \d+: /],
  ['front matter that is not closed', ['run', '--stdin'], '---\ntitle: a\n', /line 1: the front matter is not closed/],
  [
    'a misspelt key in front matter',
    ['run', '--stdin'],
    '---\ntitel: a\n---\nText',
    /line 2: unknown key "titel": did you mean "title"\?$/,
  ],
  [
    'a work id that is a path',
    ['run', '--file', 'spec.md', '--work-id', '../../x'],
    '',
    /^work id "\.\.\/\.\.\/x" is not usable/,
  ],
  [
    'a repository that the project lacks',
    ['run', '--stdin'],
    '---\nrepos: [wep]\n---\nText',
    /which the project does not have: did you mean "web"\?$/,
  ],
  [
    'an unknown key in the project file',
    ['run', '--file', 'spec.md', '--project', 'typo.yaml'],
    '',
    /^typo\.yaml: line 8: unknown key "chekcs": did you mean "checks"\?$/m,
  ],
  [
    'an agent in the project file that does not exist',
    ['validate', '--project', 'misnamed.yaml'],
    '',
    /^misnamed\.yaml: line 6: "agent\.name" cannot be "claud" \(allowed: acp, .*\): did you mean "claude"\?$/,
  ],
  [
    'an agent by option that does not exist',
    ['run', '--file', 'spec.md', '--agent', 'codecs'],
    '',
    /^--agent: the agent cannot be "codecs" \(allowed: acp, .*\): did you mean "codex"\?$/,
  ],
  ['a project file that is not there', ['validate', '--project', 'gone.yaml'], '', /does not exist$/],
  ['an unknown verb', ['deliver'], '', /unknown command 'deliver'/],
  ['an unknown option', ['run', '--fiel', 'spec.md'], '', /unknown option '--fiel'/],
  [
    'a decision that is none',
    ['answer', 'X', 'merge'],
    '',
    /^"merge" is no decision: use resume, retry, accept_draft, /,
  ],
  ['a decision that is forgotten', ['answer', 'X'], '', /^no decision: use resume, retry, accept_draft, /],
  ['a decision about no run', ['answer', 'retry'], '', /^no work id/],
  ['no work id', ['status'], '', /^no work id/],
])('%s is one clear sentence, exit 2, and leaves nothing behind', async (_, args, input, sentence) => {
  const folder = await shop();
  await writeFile(path.join(folder, 'huge.md'), 'x'.repeat(5 * 1024 * 1024));
  await writeFile(path.join(folder, 'api.git', 'index.bin'), Buffer.from([1, 0, 2, 0]));
  await writeFile(
    path.join(folder, 'typo.yaml'),
    'project: shop\n\nrepositories:\n  api:\n    url: ./api.git\n    base: main\n\n    chekcs: { unit: npm test }\n',
  );
  await writeFile(
    path.join(folder, 'misnamed.yaml'),
    'project: shop\nrepositories:\n  api:\n    url: ./api.git\n    checks: { unit: npm test }\nagent: { name: claud }\n',
  );
  const printed = await cli(folder, args, { input });
  expect(printed.stderr.trim()).toMatch(sentence);
  expect([printed.exitCode, printed.stdout]).toEqual([2, '']);
  expect(printed.stderr).not.toMatch(/^\s+at /m);
  expect(await readdir(folder)).not.toContain('state');
});

test('a server that does not answer is one sentence and exit 1', async () => {
  const folder = await shop();
  const printed = await cli(folder, ['list'], { env: { TEMPORAL_ADDRESS: '127.0.0.1:1' } });
  expect([printed.exitCode, printed.stderr.trim()]).toEqual([
    1,
    'the Temporal server at 127.0.0.1:1 does not answer: check TEMPORAL_ADDRESS',
  ]);
});

test('without git a run does not start', async () => {
  const folder = await shop();
  const printed = await cli(folder, ['run', '--file', 'spec.md'], { env: { PATH: '/nowhere' } });
  expect([printed.exitCode, printed.stderr.trim(), printed.stdout]).toEqual([
    1,
    'git is missing: install git 2.31 or newer',
    '',
  ]);
  expect(await readdir(folder)).not.toContain('state');
});

test('without a server the way to one is said', async () => {
  const printed = await cli(await shop(), ['status', 'X']);
  expect([printed.exitCode, printed.stderr.trim()]).toEqual([
    1,
    'no Temporal server is running: start one with `spec-to-pr up`, or set TEMPORAL_ADDRESS',
  ]);
});

test('a dry run shows repositories at their commits, gates, agent and limits, and writes nothing', async () => {
  const folder = await shop();
  const printed = await cli(folder, ['run', '--file', 'spec.md', '--dry-run', '--json']);
  expect(printed.exitCode).toBe(0);
  expect(JSON.parse(printed.stdout)).toMatchObject({
    title: 'Pay with gift cards',
    repositories: [{ key: 'api', base: 'main', commit: expect.stringMatching(/^[0-9a-f]{40}$/) }, { key: 'web' }],
    gates: ['checks', 'e2e'],
    agent: { name: 'scripted' },
    limits: { attempts: 3, usd: 5 },
  });
  expect(await readdir(folder)).not.toContain('state');
});

test('validate accepts what a run accepts', async () => {
  const printed = await cli(await shop(), ['validate', '--file', 'spec.md']);
  expect([printed.exitCode, printed.stdout]).toEqual([
    0,
    expect.stringMatching(/The spec SPEC-[0-9a-f]{6} is valid: "Pay with gift cards", 4 acceptance criteria/),
  ]);
});

test('doctor names each broken part with its fix', async () => {
  const folder = await shop();
  const printed = await cli(folder, ['doctor', '--json'], { env: { PATH: '/nowhere' } });
  expect(printed.exitCode).toBe(1);
  const checks: { name: string; ok: boolean; fix: string }[] = JSON.parse(printed.stdout);
  expect(checks.filter(({ ok }) => !ok).map(({ name, fix }) => [name, fix])).toEqual([
    ['git', 'install git 2.31 or newer'],
    ['temporal', 'install the `temporal` CLI or Go 1.26, or set TEMPORAL_ADDRESS'],
  ]);
});

test.each([
  'run',
  'status',
  'list',
  'watch',
  'resume',
  'answer',
  'cancel',
  'logs',
  'up',
  'down',
  'worker',
  'validate',
  'doctor',
])('%s has help with an example and --json', async (verb) => {
  const printed = await cli(await temporaryFolder(), [verb, '--help']);
  expect([printed.exitCode, printed.stderr]).toEqual([0, '']);
  expect(printed.stdout).toContain('Example:');
  expect(printed.stdout).toContain('--json');
});

test('a kept test run is shown as it is read: one line of JSON, or a page that says what it is made of', async () => {
  const folder = await temporaryFolder();
  const run = path.join(folder, 'run');
  await mkdir(run);
  await writeFile(
    path.join(run, 'stdout.txt'),
    '[PASS] health\n[FAIL] gone: expected 404, actual 410\nRESULT: FAILED (1 of 2 checks)\n',
  );
  await writeFile(path.join(run, 'exit_code'), '1\n');
  const { stdout, exitCode } = await cli(folder, ['judge', 'run', '--json']);
  expect([exitCode, JSON.parse(stdout)]).toEqual([
    0,
    {
      class: 'test_failure',
      fingerprint: expect.stringMatching(/^[0-9a-f]{32}$/),
      passed: 1,
      failed: 1,
      total: 2,
    },
  ]);
  const page = await cli(folder, ['judge', 'run']);
  for (const part of [
    '1 passed, 1 failed, 2 in all',
    'read by      script',
    'gone\texpected 404, actual 410',
    'A report is read exactly',
  ])
    expect(page.stdout).toContain(part);
});

test.each([
  ['gone', /^gone is not a folder$/],
  ['empty', /^empty has no stdout\.txt: /],
  ['nocode', /^nocode has no exit_code: /],
  ['badcode', /^badcode\/exit_code holds "red", not a number$/],
])('the folder %s cannot be judged, and one sentence says why', async (name, problem) => {
  const folder = await temporaryFolder();
  for (const kind of ['empty', 'nocode', 'badcode']) await mkdir(path.join(folder, kind));
  for (const kind of ['nocode', 'badcode']) await writeFile(path.join(folder, kind, 'stdout.txt'), '');
  await writeFile(path.join(folder, 'badcode', 'exit_code'), 'red');
  const { exitCode, stdout, stderr } = await cli(folder, ['judge', name]);
  expect([exitCode, stdout, stderr]).toEqual([2, '', expect.stringMatching(problem)]);
});
