import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { claude } from '../../../activities/agents/claude/index.ts';
import { codex } from '../../../activities/agents/codex/index.ts';
import { opencode } from '../../../activities/agents/opencode/index.ts';
import { Interruption } from '../../../activities/io.ts';
import { agentScene } from '../../support/agent.ts';
import type { AgentScene } from '../../support/agent.ts';
import { temporaryFolder } from '../../support/folder.ts';

const CLAUDE = '.claude/.credentials.json';
const done = { type: 'result', structured_output: { status: 'done', summary: 'did it' } };
const quota = { type: 'result', is_error: true, api_error_status: 429, result: 'come back later' };
const print = (event: object): string => `echo '${JSON.stringify(event)}'`;

/** A session of a CLI that is a shell script, and whose user is logged in. */
async function loggedIn(make: Parameters<typeof agentScene>[0], login: string, script: string): Promise<AgentScene> {
  const file = path.join(await temporaryFolder(), 'cli');
  writeFileSync(file, `#!/bin/sh\ncat >/dev/null\n${script}\n`);
  chmodSync(file, 0o755);
  const scene = await agentScene(make, { options: { command: file } });
  const own = path.join(scene.folder, login);
  mkdirSync(path.dirname(own), { recursive: true });
  writeFileSync(own, 'the login', { mode: 0o600 });
  return scene;
}

const copies = ({ task: { jobDirectory } }: AgentScene): readonly string[] =>
  readdirSync(jobDirectory, { recursive: true, encoding: 'utf8' })
    .filter((name) => /(auth|credentials)\.json/.test(name))
    .map((name) => readFileSync(path.join(jobDirectory, name), 'utf8'));

test.each([
  { name: 'claude', make: claude, login: CLAUDE },
  { name: 'codex', make: codex, login: '.codex/auth.json' },
  { name: 'opencode', make: opencode, login: '.local/share/opencode/auth.json' },
])('a session of $name finds the login of the user in each of its calls, and leaves no copy of it', async (cli) => {
  const scene = await loggedIn(cli.make, cli.login, `cat "$HOME/${cli.login}" >>found; echo >>found; exit 3`);
  expect(await scene.run()).toMatchObject({ end: 'crashed' });
  const found = readFileSync(path.join(scene.task.directory, 'found'), 'utf8').trim().split('\n');
  expect(found).toEqual(['the login', 'the login', 'the login', 'the login']);
  expect(copies(scene)).toEqual([]);
  expect(readFileSync(path.join(scene.folder, cli.login), 'utf8')).toBe('the login');
});

test('a session that waits for quota keeps the login, and goes on with the one that the user has by then', async () => {
  const script = `cat "$HOME/${CLAUDE}" >>found; [ -e go ] && ${print(done)} || ${print(quota)}`;
  const scene = await loggedIn(claude, CLAUDE, script);
  expect(await scene.run()).toMatchObject({ end: 'quota_parked' });
  expect(copies(scene)).toEqual(['the login']);
  writeFileSync(path.join(scene.folder, CLAUDE), ', a newer one');
  writeFileSync(path.join(scene.task.directory, 'go'), '');
  expect(await scene.run()).toMatchObject({ end: 'done', summary: 'did it' });
  expect(readFileSync(path.join(scene.task.directory, 'found'), 'utf8')).toBe('the login, a newer one');
  expect(copies(scene)).toEqual([]);
});

test('a session that outlives its worker keeps the login until it has ended under the next one', async () => {
  const script = `touch started; until [ -e go ]; do sleep 0.05; done; cat "$HOME/${CLAUDE}" >found; ${print(done)}`;
  const scene = await loggedIn(claude, CLAUDE, script);
  const at = (name: string): string => path.join(scene.task.directory, name);
  const worker = new AbortController();
  const running = scene.run({ signal: worker.signal });
  while (!existsSync(at('started'))) await wait(20);
  worker.abort(new Interruption('detach'));
  await expect(running).rejects.toMatchObject({ mode: 'detach' });
  expect(copies(scene)).toEqual(['the login']);
  writeFileSync(at('go'), '');
  expect(await scene.run()).toMatchObject({ end: 'done' });
  expect(readFileSync(at('found'), 'utf8')).toBe('the login');
  expect(copies(scene)).toEqual([]);
});

test('a session that links its folder to that of the user costs the user no login', async () => {
  const scene = await loggedIn(claude, CLAUDE, `rm -r "$HOME/.claude"; ln -s "$USERS" "$HOME/.claude"; ${print(done)}`);
  const users = path.join(scene.folder, '.claude');
  const file = scene.task.options['command'] ?? '';
  writeFileSync(file, readFileSync(file, 'utf8').replace('$USERS', users));
  expect(await scene.run()).toMatchObject({ end: 'done' });
  expect(readdirSync(users)).toEqual(['.credentials.json']);
});

test('a login is not copied to where a session has linked its file', async () => {
  const scene = await loggedIn(claude, CLAUDE, print(quota));
  const place = path.join(scene.task.jobDirectory, 'home', CLAUDE);
  const bait = path.join(scene.task.directory, 'bait');
  expect(await scene.run()).toMatchObject({ end: 'quota_parked' });
  writeFileSync(bait, '');
  rmSync(place);
  symlinkSync(bait, place);
  expect(await scene.run()).toMatchObject({ end: 'quota_parked' });
  expect(readFileSync(bait, 'utf8')).toBe('');
});
