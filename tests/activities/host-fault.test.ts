import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { checks } from '../../activities/checks.ts';
import { GitFailed } from '../../activities/git/errors.ts';
import { hostFault } from '../../activities/host-fault.ts';
import { CommandNotStarted } from '../../activities/process/run-command.ts';
import { DEFAULT_LIMITS } from '../../domain/project.ts';
import { workerConfig } from '../../worker/config.ts';
import { createPorts } from '../../worker/ports.ts';
import { mayMount, mountSmallDisk } from '../support/broken-host.ts';
import { temporaryFolder } from '../support/folder.ts';
import { bareRepository, git } from '../support/repository.ts';

const numbered = (code: string): Error => Object.assign(new Error(`${code}: no more, write`), { code });
const gitFailed = (output: string): GitFailed =>
  new GitFailed(['worktree'], { exitCode: 128, stdout: '', output, timedOut: false, seconds: 1 });

test.each([
  ['a full disk', numbered('ENOSPC'), 'disk: ENOSPC: no more, write'],
  ['a used up quota', numbered('EDQUOT'), 'disk: EDQUOT: no more, write'],
  ['too many open files', numbered('EMFILE'), 'open files: EMFILE: no more, write'],
  [
    'what caused another error',
    new Error('no record', { cause: new TypeError('no file', { cause: numbered('ENOSPC') }) }),
    'disk: ENOSPC: no more, write',
  ],
  [
    'git, which says it before its last line',
    gitFailed('error: unable to write file a: No space left on device\nfatal: Could not reset index file'),
    'disk: git worktree failed (exit 128): fatal: Could not reset index file',
  ],
  [
    'a program that no file is left for',
    new CommandNotStarted('cannot start "git": spawn git EMFILE'),
    'open files: cannot start "git": spawn git EMFILE',
  ],
])("%s is the host's fault, by name", (_, error, fault) => expect(hostFault(error)).toBe(fault));

test.each([
  ['a file that is missing', numbered('ENOENT')],
  ['a text about a full disk', new Error('ENOSPC')],
  ['a remote that git cannot reach', gitFailed('fatal: Could not resolve host: example.com')],
  ['a program that is missing', new CommandNotStarted('cannot start "git": spawn git ENOENT')],
  ['nothing', undefined],
])('%s is not', (_, error) => expect(hostFault(error)).toBeUndefined());

test('causes that go round in a circle end', () => {
  const error = new Error('round');
  error.cause = error;
  expect(hostFault(error)).toBeUndefined();
});

const mounting = mayMount() ? test : test.skip;
mounting('checks that fill the disk of the worker did not run (skipped where this user may not mount)', async () => {
  const folder = await temporaryFolder();
  const disk = await mountSmallDisk(2);
  try {
    const url = bareRepository(folder, 'api', { 'a.txt': 'a\n' });
    const baseCommit = git(url, 'rev-parse', 'main');
    const api = { key: 'api', url, base: 'main' };
    const config = workerConfig({ PATH: process.env['PATH'], SPEC_TO_PR_HOME: disk.folder, HOME: disk.folder });
    const ports = createPorts(config, { name: 'Bot', email: 'bot@example.com' });
    const fill = 'head -c 5000000 /dev/zero >"$HOME/big"; true';
    const order = {
      ...{ key: { workflowId: 'shop/A', firstRunId: '0123456789' }, workId: 'A', attempt: 1, limits: DEFAULT_LIMITS },
      ...{ remotes: { forge: { kind: 'local', tokenEnv: 'T' } }, commits: { api: baseCommit } },
      pinned: [{ ...api, baseCommit }],
      repositories: [{ ...api, setup: [], health: '/', checks: [{ name: 'unit', run: fill, reports: [] }] }],
    };
    const io = { signal: new AbortController().signal, progress: () => undefined };
    const { seconds: _, ...result } = await checks(ports, order, io);
    expect(result).toMatchObject({ gate: 'checks', result: 'not_run', failureClass: 'infra', artifacts: [] });
    expect(result.why).toMatch(/^host: disk: ENOSPC: no space left on device/);
    await expect(writeFile(path.join(disk.folder, 'more'), Buffer.alloc(65_536))).rejects.toThrow(/ENOSPC/);
    expect((await checks(ports, { ...order, attempt: 2 }, io)).why).toMatch(/^host: disk: /);
  } finally {
    await disk.remove();
  }
});
