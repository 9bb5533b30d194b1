import { readFile, readdir } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { github } from '../../../activities/forges/github.ts';
import { ensureMirror, resolveBase } from '../../../activities/git/mirror.ts';
import { pushBranch } from '../../../activities/git/push.ts';
import { temporaryFolder } from '../../support/folder.ts';
import { READ_ONLY, TOKEN, startGitHub } from '../../support/github/server.ts';
import type { Fault, GitHub } from '../../support/github/server.ts';
import { git } from '../../support/repository.ts';

const io = { signal: new AbortController().signal, progress: () => undefined };
const branch = 'spec-to-pr/GH-1';
const marker = '<!-- spec-to-pr:acme/GH-1:run -->';
let hub: GitHub;
let home = '';

beforeEach(async () => {
  home = await temporaryFolder();
  hub = await startGitHub(home, { api: { 'a.txt': 'one\n' } });
});
afterEach(() => hub.stop());

const host = () => ({ home, path: process.env['PATH'] ?? '', identity: { name: 'Bot', email: 'bot@example.com' } });
const forge = (token = TOKEN) =>
  github({ stateHome: home, git: host(), apiUrl: hub.url, token, retryAfterBaseValue: 1 });

/** Pushes a change on the run's branch, and gives what a pull request of it is ordered with. */
async function pushed(token = TOKEN) {
  const url = hub.cloneUrl('api');
  const credentials = forge(token).credentials(url);
  const mirror = await ensureMirror(host(), { url, credentials }, io);
  const baseCommit = await resolveBase(host(), { mirror, url, base: 'main' }, io);
  const sha = git(mirror, 'commit-tree', `${baseCommit}^{tree}`, '-p', baseCommit, '-m', 'change');
  await pushBranch(host(), { mirror, url, credentials, branch, sha }, io);
  return {
    repository: { key: 'api', url, base: 'main', baseCommit },
    branch,
    headSha: sha,
    title: 'Change',
    body: `text\n${marker}\n`,
    marker,
    draft: false,
  };
}

const creation = (fault: Pick<Fault, 'when' | 'how'>): Fault => ({
  method: 'POST',
  path: /\/pulls$/,
  times: 1,
  ...fault,
});

test.each<[string, Pick<Fault, 'when' | 'how'>]>([
  ['a 502 after the effect', { when: 'after', how: { status: 502 } }],
  ['a 502 before the effect', { when: 'before', how: { status: 502 } }],
  ['a dropped connection after the effect', { when: 'after', how: 'drop' }],
  ['a dropped connection before the effect', { when: 'before', how: 'drop' }],
  ['a secondary rate limit', { when: 'before', how: { status: 403, headers: { 'retry-after': '1' } } }],
])('%s leaves exactly one pull request', async (_, fault) => {
  const order = await pushed();
  hub.fault(creation(fault));
  const made = await forge().ensurePullRequest(order, io);
  expect(hub.pulls.get('api')).toHaveLength(1);
  expect(made).toEqual({
    number: 1,
    url: `${hub.url}/acme/api/pull/1`,
    headSha: order.headSha,
    draft: false,
    open: true,
  });
});

test('a second call writes nothing, and a changed text is updated in place', async () => {
  const order = await pushed();
  await forge().ensurePullRequest(order, io);
  const writes = (): number => hub.calls.filter(({ method }) => method !== 'GET').length;
  await forge().ensurePullRequest(order, io);
  expect(writes()).toBe(1);
  await forge().ensurePullRequest({ ...order, title: 'Better' }, io);
  expect([writes(), hub.pulls.get('api')?.map(({ title }) => title)]).toEqual([2, ['Better']]);
});

test('the own pull request is found on a later page', async () => {
  const order = await pushed();
  const list = hub.pulls.get('api') ?? [];
  for (let number = 1; number <= 120; number += 1)
    list.push({
      number,
      head: branch,
      base: 'other',
      title: 't',
      body: '',
      state: 'closed',
      draft: false,
      comments: [],
    });
  await forge().ensurePullRequest(order, io);
  await forge().ensurePullRequest(order, io);
  expect(list.filter(({ state }) => state === 'open')).toHaveLength(1);
});

test('a pull request that a person closed is neither reopened nor doubled', async () => {
  const order = await pushed();
  await forge().ensurePullRequest(order, io);
  const [pull] = hub.pulls.get('api') ?? [];
  if (pull !== undefined) pull.state = 'closed';
  await expect(forge().ensurePullRequest(order, io)).rejects.toMatchObject({ name: 'PullRequestClosed' });
  expect(hub.pulls.get('api')).toHaveLength(1);
});

test('closing takes back the own pull request only, with a note', async () => {
  const order = await pushed();
  await forge().ensurePullRequest(order, io);
  await forge().closePullRequest({ ...order, marker: '<!-- another -->' }, 'no');
  expect(hub.pulls.get('api')?.[0]?.state).toBe('open');
  await forge().closePullRequest(order, 'The run was aborted.');
  expect(hub.pulls.get('api')?.[0]).toMatchObject({
    state: 'closed',
    comments: [{ body: `The run was aborted.\n\n${marker}` }],
  });
});

test.each<[string, Pick<Fault, 'when' | 'how'>, RegExp, Fault['method']]>([
  ['a 502 after the comment', { when: 'after', how: { status: 502 } }, /\/comments$/, 'POST'],
  ['a 502 before the comment', { when: 'before', how: { status: 502 } }, /\/comments$/, 'POST'],
  ['a refusal between comment and closing', { when: 'before', how: { status: 422 } }, /\/pulls\/1$/, 'PATCH'],
])('%s leaves one closed pull request with one note', async (_, fault, path, method) => {
  const order = await pushed();
  const own = { number: 1, head: branch, base: 'main', title: 'Change', body: order.body, draft: false, comments: [] };
  hub.pulls.get('api')?.push({ ...own, state: 'open' });
  hub.fault({ ...fault, method, path, times: 1 });
  // An activity that failed is called again.
  await forge()
    .closePullRequest(order, 'The run was aborted.')
    .catch(() => forge().closePullRequest(order, 'The run was aborted.'));
  expect(hub.pulls.get('api')).toMatchObject([
    { state: 'closed', comments: [{ body: `The run was aborted.\n\n${marker}` }] },
  ]);
});

test.each<[string, () => Promise<unknown>, string]>([
  ['a bad token', () => pushed('bad'), 'AuthDenied'],
  ['a token that may only read', () => pushed(READ_ONLY), 'AuthDenied'],
  [
    'a token that may not open pull requests',
    async () => forge(READ_ONLY).ensurePullRequest(await pushed(), io),
    'AuthDenied',
  ],
  ['an expired token', async () => forge('expired').ensurePullRequest(await pushed(), io), 'AuthDenied'],
  [
    'a hidden repository',
    async () =>
      forge().ensurePullRequest(
        { ...(await pushed()), repository: { key: 'x', url: hub.cloneUrl('x'), base: 'main', baseCommit: '' } },
        io,
      ),
    'RepositoryNotFound',
  ],
  [
    'a base that is gone',
    async () =>
      forge().ensurePullRequest(
        { ...(await pushed()), repository: { key: 'api', url: hub.cloneUrl('api'), base: 'gone', baseCommit: '' } },
        io,
      ),
    'PullRequestRefused',
  ],
])('%s is a named error that says what to do', async (_, act, name) => {
  await expect(act()).rejects.toMatchObject({ name });
});

test('the token is in no URL, no argument and no file of the mirror', async () => {
  await pushed();
  const { arguments: args } = forge().credentials(hub.cloneUrl('api'));
  expect(args.join(' ')).not.toContain(TOKEN);
  expect(forge().credentials('https://evil.example/acme/api.git')).toEqual({ environment: {}, arguments: [] });
  const mirrors = path.join(home, 'mirrors');
  for (const name of await readdir(mirrors))
    expect(await readFile(path.join(mirrors, name, 'config'), 'utf8')).not.toMatch(/ghp_|Authorization/);
});

test('commits of somebody else on the branch are not overwritten', async () => {
  const order = await pushed();
  const foreign = git(hub.bare('api'), 'commit-tree', 'main^{tree}', '-p', 'main', '-m', 'theirs');
  git(hub.bare('api'), 'update-ref', `refs/heads/${branch}`, foreign);
  await expect(pushed()).rejects.toMatchObject({
    name: 'NonFastForward',
    message: expect.stringContaining(foreign.slice(0, 12)),
  });
  expect(git(hub.bare('api'), 'rev-parse', branch)).toBe(foreign);
  expect(order.headSha).not.toBe(foreign);
});
