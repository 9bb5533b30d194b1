import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { execa } from 'execa';
import { careful } from '../support/cast.ts';
import { temporaryFolder } from '../support/folder.ts';
import { bareRepository, writeFiles } from '../support/repository.ts';
import type { Files } from '../support/repository.ts';

const CLI = path.resolve(import.meta.dirname, '../../client/main.ts');
const OK = '.claude/agents/careful.md';
const ODD = '.claude/agents/odd.md';
const odd = '---\nname: odd\ndescription: Odd\ncolor: blue\ntools: Raed\n---\n';

/** The verb, in a folder with a project whose repository `api` has these files and whose developer is `careful`. */
async function personas(args: readonly string[], files: Files, roles = 'developer: { persona: careful }') {
  const folder = await temporaryFolder();
  bareRepository(folder, 'api', { 'a.txt': 'a\n', ...files });
  writeFiles(path.join(folder, 'local'), { 'a.txt': 'a\n', ...files });
  writeFileSync(
    path.join(folder, 'spec-to-pr.yaml'),
    `project: shop\nrepositories: { api: { url: ./api.git, checks: { unit: "true" } } }\nroles: { ${roles} }\n`,
  );
  const env = { PATH: process.env['PATH'] ?? '', HOME: folder, SPEC_TO_PR_HOME: path.join(folder, 'state') };
  const { exitCode, stdout, stderr } = await execa(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', CLI, 'personas', ...args],
    { cwd: folder, env, extendEnv: false, reject: false },
  );
  return { exitCode, stdout, stderr };
}

test('list shows built-in personas and those at the base of every repository, and which cannot be used', async () => {
  const { exitCode, stdout } = await personas(['list', '--json'], { [OK]: careful(), [ODD]: odd });
  const rows: readonly { name: string; file: string; description: string }[] = JSON.parse(stdout);
  expect(rows.map(({ name, file, description }) => [name, file, description])).toEqual([
    ['developer', '', 'Changes software as a specification asks'],
    ['debugger', '', 'Finds the cause of a failure'],
    ['careful', `api: ${OK}`, 'Takes small steps'],
    ['odd', `api: ${ODD}`, expect.stringContaining('cannot be used: line 5: "tools" names "Raed"')],
  ]);
  expect(exitCode).toBe(0);
});

test('list prints a table for people', async () => {
  const { exitCode, stdout } = await personas(['list', '--folder', 'local'], { [OK]: careful() });
  expect(stdout).toMatch(/developer +│ built-in/);
  expect(stdout).toMatch(/careful +│ \.claude\/agents\/careful\.md +│ Takes small steps/);
  expect(exitCode).toBe(0);
});

test.each([[[]], [['--folder', 'local']]])('check is content with files that can be used (%j)', async (more) => {
  const checked = await personas(['check', ...more], { [OK]: careful() });
  expect(checked).toEqual({ exitCode: 0, stdout: '3 personas can be used', stderr: '' });
});

test.each([
  [[], 'api: '],
  [['--folder', 'local'], ''],
])('check tells every problem with its file and line, and exits with 2 (%j)', async (more, where) => {
  const { exitCode, stdout } = await personas(['check', '--json', ...more], { [OK]: careful(), [ODD]: odd });
  expect([exitCode, JSON.parse(stdout)]).toEqual([
    2,
    {
      valid: false,
      problems: [
        { file: `${where}${ODD}`, line: 5, problem: expect.stringMatching(/^"tools" names "Raed"/) },
        { file: `${where}${ODD}`, line: 4, problem: expect.stringMatching(/^unknown key "color"/) },
      ],
    },
  ]);
});

test('check tells why a role cannot be played, once', async () => {
  const agent = '{ name: codex }';
  const roles = `developer: { persona: careful, agent: ${agent} }, debugger: { persona: gone }`;
  const { exitCode, stdout } = await personas(['check'], { [OK]: careful(['tools: Read']) }, roles);
  expect([exitCode, stdout.split('\n')]).toEqual([
    2,
    [
      'the agent codex cannot honour tools of the persona careful',
      '"roles.debugger.persona" is "gone", but there is no .claude/agents/gone.md in api (main)',
    ],
  ]);
});

test.each([
  [[], /^no action: use list or check/],
  [['lst'], /^"lst" is no action: use list or check/],
  [['check', '--folder', 'gone'], /^gone is not a folder/],
  [['check', '--folder', '.', '--project', 'x'], /^give only one of/],
  [['check', '--project', 'gone.yaml'], /the project file .*gone\.yaml does not exist/],
])('an order that makes no sense is refused in one line (%j)', async (args, message) => {
  const { exitCode, stdout, stderr } = await personas(args, {});
  expect([exitCode, stdout, stderr]).toEqual([2, '', expect.stringMatching(message)]);
});
