import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { access, chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, expect, test } from '@jest/globals';
import { addWorktree } from '../../../activities/git/worktree.ts';
import { DEFAULT_SANDBOX } from '../../../domain/project.ts';
import type { SandboxChoice } from '../../../domain/project.ts';
import { workerConfig } from '../../../worker/config.ts';
import { createPorts } from '../../../worker/ports.ts';
import { temporaryFolder } from '../../support/folder.ts';
import { bareRepository, git, writeFiles } from '../../support/repository.ts';
import { noBubblewrap } from '../../support/sandbox.ts';

const contained = noBubblewrap === undefined ? test : test.skip;
const io = { signal: new AbortController().signal, progress: () => undefined };
const CANARY = 'canary-9c1f7b';
const NAMES = ['GITHUB_TOKEN', 'AWS_SECRET_ACCESS_KEY', 'TEMPORAL_API_KEY', 'DATABASE_URL', 'NPM_TOKEN'];
const PATH = process.env['PATH'] ?? '';

let worker: ChildProcess | undefined;
afterEach(() => {
  worker?.kill('SIGKILL');
});

/** Writes what it sees into its worktree, a file a place; the word that it looks for is in two parts, so that it does not find itself. */
const AGENT = (outside: string, user: string): string => `#!/bin/sh
seek() { grep -a -r -l "canary""-9c1f7b" "$@" 2>/dev/null; }
env | seek - > env.found
seek /proc/$$/environ /proc/$$/cmdline > self.found
for each in /proc/[0-9]*; do seek $each/environ $each/cmdline; done > processes.found
seek "$HOME" > home.found
seek . > worktree.found
{ git config --list; git remote -v; cat "$(git rev-parse --git-common-dir)/config"; } 2>/dev/null | seek - > git.found
seek ${user} > user.found
touch ${outside} 2>/dev/null
echo '{"type":"end","as":"done","summary":"looked"}'
`;

/** Has an agent of a worker whose environment, files and forge token hold the canary look for it. Gives what each search found. */
async function search(sandbox: SandboxChoice): Promise<Readonly<Record<string, string>>> {
  const folder = await temporaryFolder();
  const [user, home, outside] = ['user', 'state', 'outside'].map((name) => path.join(folder, name)) as [
    string,
    string,
    string,
  ];
  writeFiles(user, {
    '.netrc': CANARY,
    '.gitconfig': `[http]\n\textraHeader = ${CANARY}\n`,
    '.aws/credentials': CANARY,
    '.config/gh/hosts.yml': CANARY,
  });
  const secrets = Object.fromEntries(NAMES.map((name) => [name, CANARY]));
  worker = spawn(process.execPath, ['-e', 'setTimeout(() => {}, 60000)', CANARY], { stdio: 'ignore', env: secrets });
  const ports = createPorts(workerConfig({ PATH, HOME: user, SPEC_TO_PR_HOME: home, ...secrets }), {
    ...{ name: 'Test', email: 'test@example.com' },
  });
  const mirror = path.join(home, 'mirrors', 'api.git');
  git(folder, 'clone', '--quiet', '--bare', bareRepository(folder, 'api', { 'a.txt': 'one\n' }), mirror);
  const directory = path.join(home, 'work');
  await addWorktree(ports.git, { mirror, directory, commit: git(mirror, 'rev-parse', 'main') }, io);
  const program = path.join(folder, 'agent.sh');
  await writeFile(program, AGENT(outside, user));
  await chmod(program, 0o755);
  await mkdir(path.join(home, 'job'));
  const limits = { seconds: 50, silenceSeconds: 50, turns: 9, usd: 1 };
  const report = await ports.agent({ name: 'command', options: { command: program } }, sandbox).run(
    {
      ...{ directory, jobDirectory: path.join(home, 'job'), prompt: 'Look.', role: 'developer', attempt: 1 },
      ...{ sessionId: crypto.randomUUID(), options: { command: program }, limits },
    },
    io,
  );
  expect(report).toMatchObject({ end: 'done', summary: 'looked' });
  const names = ['env', 'self', 'processes', 'home', 'worktree', 'git', 'user'];
  const found = await Promise.all(
    names.map(async (name) => [name, await readFile(path.join(directory, `${name}.found`), 'utf8')] as const),
  );
  const written = await access(outside).then(
    () => 'yes',
    () => 'no',
  );
  return { ...Object.fromEntries(found), written };
}

const NOWHERE = { env: '', self: '', home: '', worktree: '', git: '' };

test('a secret of the worker is in no variable, argument, home, worktree or git configuration of its agent, also without a sandbox', async () => {
  const found = await search({ ...DEFAULT_SANDBOX, kind: 'none' });
  expect(found).toMatchObject(NOWHERE);
  // The search does find what is there: nothing hides the user's own files here.
  expect(found['user']?.trim().split('\n')).toHaveLength(4);
});

contained(
  'under bubblewrap it is in no process and no file either, and nothing is written outside (needs bubblewrap)',
  async () => {
    expect(await search(DEFAULT_SANDBOX)).toEqual({ ...NOWHERE, processes: '', user: '', written: 'no' });
  },
);
