import { existsSync, mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { archive } from '../../activities/archive.ts';
import { Interruption } from '../../activities/io.ts';
import type { Ports } from '../../activities/ports.ts';
import { takeOver, withSnapshots } from '../../activities/snapshots.ts';
import type { SavedSession } from '../../activities/snapshots.ts';
import { keepWorkspace } from '../../activities/workspace.ts';
import type { Run, RunRepository } from '../../domain/run.ts';
import { workerConfig } from '../../worker/config.ts';
import { createPorts } from '../../worker/ports.ts';
import { temporaryFolder } from '../support/folder.ts';
import { bareRepository, git, writeFiles } from '../support/repository.ts';
import { plannedRun } from '../support/run.ts';

const idle = { signal: new AbortController().signal, progress: () => undefined };
const LOCAL = 'refs/spec-to-pr/SPEC-1/f1/snapshots/implement-1';
const REMOTE = 'refs/spec-to-pr/shop/SPEC-1/f1/api/snapshots/implement-1';

interface Scene {
  readonly run: Run;
  readonly state: string;
  /** A host with a state folder of its own, at the beginning of the session. */
  host(name: string): Promise<{ ports: Ports; session: SavedSession; directory: string; mirror: string }>;
}

async function scene(snapshotSeconds = 3600): Promise<Scene> {
  const folder = await temporaryFolder();
  const url = bareRepository(folder, 'api', { 'a.txt': 'one\n', '.gitignore': 'dist/\n' });
  const state = bareRepository(folder, 'state', { 'README.md': 'State of runs\n' });
  const repository: RunRepository = { key: 'api', url, base: 'main', baseCommit: git(url, 'rev-parse', 'main') };
  const run = { ...plannedRun(), repositories: [repository] };
  const store = { ...run, remotes: { forge: { kind: 'local', tokenEnv: 'T' }, state } };
  const host: Scene['host'] = async (name) => {
    const home = path.join(folder, name);
    mkdirSync(home, { recursive: true });
    const config = workerConfig({ PATH: process.env['PATH'], SPEC_TO_PR_HOME: home, HOME: home });
    const ports = createPorts(config, { name: 'Bot', email: 'bot@example.com' });
    const order = { folder: path.join(home, 'implement-1'), repositories: run.repositories, store };
    const start = { api: repository.baseCommit };
    const directories = await keepWorkspace(ports, { ...order, commits: start }, idle);
    const limits = { snapshotSeconds };
    const session = { name: 'implement-1', ...order, start, directories, jobDirectory: path.join(home, 'job'), limits };
    const [mirror = ''] = git(home, '-C', directories['api'] ?? '', 'rev-parse', '--git-common-dir').split('\n');
    return { ports, session, directory: directories['api'] ?? '', mirror };
  };
  return { run, state, host };
}

const refs = (repository: string): readonly string[] =>
  git(repository, 'for-each-ref', '--format=%(refname)', 'refs/spec-to-pr')
    .split('\n')
    .filter((line) => line !== '');

test('while a session works its changes are saved every so often, here and in the state remote, each state of them once', async () => {
  const { host, state } = await scene(0.2);
  const { ports, session, directory, mirror } = await host('first');
  const seen: string[] = [];
  const work = async (): Promise<string> => {
    for (const content of ['two\n', 'three\n']) {
      writeFiles(directory, { 'a.txt': content });
      while (!refs(state).includes(REMOTE) || git(state, 'show', `${REMOTE}:a.txt`) !== content.trim())
        await new Promise((resolve) => setTimeout(resolve, 20));
      seen.push(git(state, 'rev-parse', REMOTE));
    }
    await new Promise((resolve) => setTimeout(resolve, 1000));
    return 'done';
  };
  expect(await withSnapshots(ports, { session, work }, idle)).toBe('done');
  expect(new Set(seen).size).toBe(2);
  expect([git(state, 'rev-parse', REMOTE), git(mirror, 'rev-parse', LOCAL)]).toEqual([seen[1], seen[1]]);
  expect(git(mirror, 'log', '--format=%s', `${session.start['api']}..${LOCAL}`)).toBe(
    'SPEC-1: unfinished work of implement-1',
  );
});

test.each(['stop', 'detach'] as const)(
  'told to %s, a session ends with a last snapshot and can go on',
  async (mode) => {
    const { host, state } = await scene();
    const { ports, session, directory } = await host('first');
    mkdirSync(session.jobDirectory);
    const interrupted = new AbortController();
    const work = async (): Promise<never> => {
      writeFiles(directory, { 'new.txt': 'new\n' });
      interrupted.abort(new Interruption(mode));
      throw interrupted.signal.reason;
    };
    const io = { ...idle, signal: interrupted.signal };
    await expect(withSnapshots(ports, { session, work }, io)).rejects.toMatchObject({ mode });
    expect(git(state, 'show', `${REMOTE}:new.txt`)).toBe('new');
    expect([existsSync(session.jobDirectory), existsSync(`${session.folder}.ready`)]).toEqual([true, true]);
  },
);

test('a session that fails is saved before the failure is told, and a snapshot that fails does not hide it', async () => {
  const { host, state } = await scene();
  const { ports, session, directory } = await host('first');
  const told: string[] = [];
  const fail = async (): Promise<never> => {
    writeFiles(directory, { 'new.txt': 'new\n' });
    throw new RangeError('no agent');
  };
  await expect(withSnapshots(ports, { session, work: fail }, idle)).rejects.toThrow('no agent');
  expect(git(state, 'show', `${REMOTE}:new.txt`)).toBe('new');
  rmSync(state, { recursive: true });
  const io = { ...idle, progress: (step: string) => told.push(step) };
  const again = async (): Promise<never> => {
    writeFiles(directory, { 'new.txt': 'newer\n' });
    throw new RangeError('no agent');
  };
  await expect(withSnapshots(ports, { session, work: again }, io)).rejects.toThrow('no agent');
  expect(told).toEqual([expect.stringContaining('no snapshot of api:')]);
});

test('another host begins with the last snapshot and a note on it; the host that has a record of the session does not', async () => {
  const { host, state } = await scene();
  const first = await host('first');
  const work = async (): Promise<never> => {
    writeFiles(first.directory, { 'a.txt': 'two\nmore\n', 'b/c.txt': 'c\n' });
    throw new RangeError('the host is lost');
  };
  expect(await takeOver(first.ports, first.session, idle)).toBe('');
  await withSnapshots(first.ports, { session: first.session, work }, idle).catch(() => undefined);
  expect(await takeOver(first.ports, first.session, idle)).toBe('');

  const second = await host('second');
  const note = await takeOver(second.ports, second.session, idle);
  const sha = git(state, 'rev-parse', REMOTE);
  expect(note).toContain(`- api: snapshot ${sha}, 2 files changed, 3 lines added, 1 removed`);
  expect(git(second.directory, 'status', '--porcelain', '--untracked-files=all')).toBe('M a.txt\n?? b/c.txt');
  mkdirSync(second.session.jobDirectory);
  writeFiles(second.directory, { 'a.txt': 'three\n' });
  expect(await takeOver(second.ports, second.session, idle)).toBe(note);
  expect(git(second.directory, 'diff', '--numstat')).toBe('1\t1\ta.txt');
});

test('reset, a session is discarded: the next one begins anew, and its work stays under another name', async () => {
  const { host, state } = await scene();
  const { ports, session, directory, mirror } = await host('first');
  mkdirSync(session.jobDirectory);
  const reset = new AbortController();
  const work = async (): Promise<never> => {
    writeFiles(directory, { 'a.txt': 'wrong way\n' });
    reset.abort(new Interruption('reset'));
    throw reset.signal.reason;
  };
  const io = { ...idle, signal: reset.signal };
  await expect(withSnapshots(ports, { session, work }, io)).rejects.toMatchObject({ mode: 'reset' });
  expect([refs(mirror), refs(state)]).toEqual([[`${LOCAL}.discarded`], [`${REMOTE}.discarded`]]);
  expect(git(state, 'show', `${REMOTE}.discarded:a.txt`)).toBe('wrong way');
  expect(existsSync(session.jobDirectory)).toBe(false);
  const again = await host('first');
  expect(await takeOver(again.ports, again.session, idle)).toBe('');
  expect(git(again.directory, 'status', '--porcelain')).toBe('');
});

test.each([
  ['completed', [], []],
  ['cancelled', [LOCAL], [REMOTE]],
] as const)('archived, a run that was %s keeps these snapshots', async (ending, here, there) => {
  const { host, state, run } = await scene();
  const { ports, session, directory, mirror } = await host('first');
  const work = async (): Promise<never> => {
    writeFiles(directory, { 'a.txt': 'two\n' });
    throw new RangeError('over');
  };
  await withSnapshots(ports, { session, work }, idle).catch(() => undefined);
  const { remotes } = session.store;
  await archive(ports, { run: { ...run, ending, step: { at: 'ended' } }, remotes }, idle);
  expect([refs(mirror), refs(state)]).toEqual([here, there]);
});
