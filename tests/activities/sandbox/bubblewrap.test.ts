import { mkdir, readFile, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { addWorktree } from '../../../activities/git/worktree.ts';
import { Interruption } from '../../../activities/io.ts';
import { logOf, readRecord } from '../../../activities/process/job.ts';
import type { JobCommand } from '../../../activities/process/job.ts';
import { findMarked } from '../../../activities/process/marked.ts';
import { supervise } from '../../../activities/process/supervise.ts';
import { openSandbox } from '../../../activities/sandbox/index.ts';
import type { SandboxChoice } from '../../../domain/project.ts';
import { temporaryFolder } from '../../support/folder.ts';
import { listening } from '../../support/listening.ts';
import { bareRepository, git } from '../../support/repository.ts';
import { noBubblewrap, sandboxHostIn, sandboxIn } from '../../support/sandbox.ts';

const contained = noBubblewrap === undefined ? test : test.skip;
const io = { signal: new AbortController().signal, progress: () => undefined };

interface Scene {
  readonly folder: string;
  readonly work: string;
  readonly job: string;
  command(script: string): JobCommand;
  /** Runs a shell script contained; gives its exit code and what it printed. */
  run(
    script: string,
    choice?: Partial<SandboxChoice>,
  ): Promise<{ code: number | null; stdout: string; stderr: string }>;
}

async function scene(): Promise<Scene> {
  const folder = await temporaryFolder();
  const [work, job] = [path.join(folder, 'state', 'work'), path.join(folder, 'state', 'job')];
  for (const each of [work, job, path.join(folder, 'user')]) await mkdir(each, { recursive: true });
  const command = (script: string): JobCommand => ({
    file: '/bin/sh',
    arguments: ['-c', script],
    cwd: work,
    environment: { PATH: process.env['PATH'] ?? '', HOME: path.join(job, 'home'), TMPDIR: folder },
    input: '',
  });
  return {
    ...{ folder, work, job, command },
    async run(script, choice = {}) {
      const sandbox = sandboxIn(folder, choice);
      const call = path.join(job, crypto.randomUUID());
      const wrapped = (): Promise<JobCommand> =>
        sandbox.contain(command(script), { directory: work, jobDirectory: job });
      const { code } = await supervise({ folder: call, command: wrapped, seconds: 20, silenceSeconds: 20 }, io);
      const { stdout, stderr } = logOf(call);
      return { code, stdout: await readFile(stdout, 'utf8'), stderr: await readFile(stderr, 'utf8') };
    },
  };
}

contained('a contained command writes in its worktree, its home and a /tmp of its own (needs bubblewrap)', async () => {
  const { run, work, job } = await scene();
  expect(
    await run('touch ../x; echo a > a && echo b > ~/b && echo c > "$TMPDIR/c" && echo d > /var/tmp/d && ls /tmp'),
  ).toEqual({
    code: 0,
    stdout: expect.stringMatching(/^c\nd\n/),
    stderr: '',
  });
  const left = await Promise.all([work, path.join(job, 'home'), path.dirname(work)].map((each) => readdir(each)));
  expect(left).toEqual([['a'], ['b'], ['job', 'work']]);
});

contained.each([
  ['the root folder', 'touch /x'],
  ['a system folder', 'touch /usr/x'],
  ['the record of its own job', 'touch "$HOME/../job.json"'],
  ["the kernel's settings", 'echo core > /proc/sys/kernel/core_pattern'],
  ["the system's passwords", 'grep -q . /etc/shadow'],
  ["the worker's state", 'ls "$HOME/../../secret"'],
  ["the user's home", 'ls "$HOME/../../../user"'],
  ["the environment of the host's processes", `tr '\\0' '\\n' < /proc/${process.pid}/environ`],
  ['more than its own processes', '[ "$(ls /proc | grep -c "^[0-9]")" -gt 6 ]'],
])('a contained command does not reach %s (needs bubblewrap)', async (_, script) => {
  const { run, folder } = await scene();
  await writeFile(path.join(folder, 'state', 'secret'), 'x');
  expect((await run(script)).code).not.toBe(0);
});

contained('files that the project names can be read, others not (needs bubblewrap)', async () => {
  const { run, folder } = await scene();
  await writeFile(path.join(folder, 'user', 'tool'), 'one');
  await writeFile(path.join(folder, 'user', 'other'), 'two');
  const script = `cat ${folder}/user/*; echo x >> ${folder}/user/tool`;
  expect((await run(script, { reads: ['~/tool'] })).stdout).toBe('one');
  expect(await readFile(path.join(folder, 'user', 'tool'), 'utf8')).toBe('one');
});

contained('without network not even the loopback of the host answers (needs bubblewrap)', async () => {
  const { createServer } = await import('node:net');
  const server = createServer((socket) => socket.end('hello'));
  const port = await listening(server);
  const script = `${process.execPath} -e 'require("net").connect(${port}, "127.0.0.1").on("error", () => process.exit(7)).pipe(process.stdout)'`;
  const { run } = await scene();
  expect(await run(script)).toMatchObject({ code: 0, stdout: 'hello' });
  expect(await run(script, { network: 'none' })).toMatchObject({ code: 7, stdout: '' });
  await new Promise((resolve) => server.close(resolve));
});

contained('git reads its worktree and can change nothing of the mirror (needs bubblewrap)', async () => {
  const { run, folder } = await scene();
  const mirror = path.join(folder, 'state', 'mirrors', 'api.git');
  git(folder, 'clone', '--quiet', '--bare', bareRepository(folder, 'api', { 'a.txt': 'one\n' }), mirror);
  const host = {
    home: path.join(folder, 'state'),
    path: process.env['PATH'] ?? '',
    identity: { name: 'Test', email: 'test@example.com' },
  };
  const directory = path.join(folder, 'state', 'work', 'api');
  await addWorktree(host, { mirror, directory, commit: git(mirror, 'rev-parse', 'main') }, io);
  const before = await readdir(mirror, { recursive: true });
  const { stdout } = await run(
    'cd api && echo two > a.txt && git status --porcelain && git log --format=%s && git diff --numstat; git config core.sshCommand evil; git add -A; git update-ref refs/heads/x HEAD; touch ../../mirrors/api.git/hooks/pre-commit',
  );
  expect(stdout).toBe(' M a.txt\nStart\n1\t1\ta.txt\n');
  expect(await readdir(mirror, { recursive: true })).toEqual(before);
  expect(git(mirror, 'config', '--list')).not.toContain('evil');
});

contained(
  'stopped, a contained command gets its grace, and nothing of it is left, also what hid (needs bubblewrap)',
  async () => {
    const { folder, work, job, command } = await scene();
    const sandbox = sandboxIn(folder);
    const hidden = `env -i /bin/sh -c 'exec setsid sleep 417${process.pid}' &`;
    const script = `${hidden} trap 'sleep 0.3; echo bye > last; exit' TERM; touch started; while :; do sleep 0.05; done`;
    const stop = new AbortController();
    const wrapped = (): Promise<JobCommand> => sandbox.contain(command(script), { directory: work, jobDirectory: job });
    const order = { folder: job, command: wrapped, seconds: 20, silenceSeconds: 20 };
    const running = supervise(order, { signal: stop.signal });
    while (!(await readdir(work)).includes('started')) await wait(20);
    expect(await sleeping()).toBe(1);
    stop.abort(new Interruption('stop'));
    await expect(running).rejects.toMatchObject({ mode: 'stop' });
    expect([await readFile(path.join(work, 'last'), 'utf8'), await sleeping()]).toEqual(['bye\n', 0]);
    expect(await findMarked((await readRecord(job))?.marker ?? '')).toEqual([]);
  },
);

/** How many processes of the host are the one that hides. */
async function sleeping(): Promise<number> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const lines = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')));
  return lines.filter((line) => line.startsWith(`sleep\x00417${process.pid}\x00`)).length;
}

test.each<Partial<SandboxChoice>>([{ kind: 'bubblewrap' }, { kind: 'auto', network: 'none' }])(
  'where bubblewrap is missing, %j is refused with what to install',
  async (choice) => {
    const host = { ...sandboxHostIn('/nowhere', choice), path: '/nowhere' };
    await expect(openSandbox(host)).rejects.toMatchObject({
      name: 'SandboxUnavailable',
      message:
        'the project demands contained agents, but bubblewrap is not installed: install the package "bubblewrap" (bwrap)',
    });
  },
);

test('where bubblewrap is missing, auto changes nothing and warns', async () => {
  const { folder, work, job, command } = await scene();
  const opened = await openSandbox({ ...sandboxHostIn(folder), path: '/nowhere' });
  expect(opened).toMatchObject({
    kind: 'none',
    warning: 'agents run WITHOUT a sandbox: bubblewrap is not installed: install the package "bubblewrap" (bwrap)',
  });
  expect(await opened.contain(command('true'), { directory: work, jobDirectory: job })).toEqual(command('true'));
});
