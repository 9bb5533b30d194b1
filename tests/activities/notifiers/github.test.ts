import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { notify } from '../../../activities/notify.ts';
import type { Notification } from '../../../domain/notification.ts';
import { temporaryFolder } from '../../support/folder.ts';
import { comment } from '../../support/github/issues.ts';
import { READ_ONLY, TOKEN, startGitHub } from '../../support/github/server.ts';
import type { Fault, GitHub } from '../../support/github/server.ts';
import { notificationOf, workerWith } from './scene.ts';

let hub: GitHub;

beforeEach(async () => {
  hub = await startGitHub(await temporaryFolder(), { api: { 'a.txt': 'one\n' } });
});
afterEach(() => hub.stop());

/** Tells the channel as a worker whose state folder is new: what it told before, only GitHub knows. */
async function tell(notification: Notification, token = TOKEN): Promise<void> {
  const ports = await workerWith({ GITHUB_TOKEN: token });
  const options = { api_url: hub.url, token_env: 'GITHUB_TOKEN' };
  await notify(ports, { notifier: { name: 'github', options }, notification });
}

const about = (subject: Partial<Notification['subject']>): Notification =>
  notificationOf({ subject: { ...notificationOf().subject, repositories: [hub.cloneUrl('api')], ...subject } });

/** An issue that people talk in, as number 1; one of them has forged a mark. */
function talk(): string {
  hub.issues
    .get('api')
    ?.push({ number: 1, title: 'Gift cards', body: 'please', state: 'open', comments: [comment(FORGED)] });
  return `${hub.url}/acme/api/issues/1`;
}

const FORGED = `<!-- spec-to-pr:note:${'0'.repeat(32)} -->\nnothing to see`;
const MARK = /^<!-- spec-to-pr:note:[0-9a-f]{32} -->\n/;
const SAID = '**`GH-1 needs a decision: 3 of 3 attempts failed`**\n\nexpected <5> & got <4>';

test.each<[string, Pick<Fault, 'when' | 'how'>]>([
  ['with a 502 after the effect', { when: 'after', how: { status: 502 } }],
  ['with a connection dropped after the effect', { when: 'after', how: 'drop' }],
])('the issue that the work came from gets one comment, %s', async (_, fault) => {
  const issue = talk();
  hub.fault({ method: 'POST', path: /\/comments$/, times: 1, ...fault });
  await tell(about({ issue, pullRequests: [`${hub.url}/acme/api/pull/2`] }));
  await tell(about({ issue }));
  const [, ...said] = hub.issues.get('api')?.[0]?.comments ?? [];
  expect(said.map(({ body }) => body.replace(MARK, ''))).toEqual([SAID]);
  expect(said[0]?.body).toMatch(MARK);
});

test('a comment that did not get through fails by name, and the next try writes it once', async () => {
  const issue = talk();
  hub.fault({ method: 'POST', path: /\/comments$/, times: 1, when: 'before', how: { status: 502 } });
  await expect(tell(about({ issue }))).rejects.toMatchObject({
    name: 'ChannelFailed',
    message: expect.stringMatching(/^GitHub answers 502: /),
  });
  await tell(about({ issue }));
  expect(hub.issues.get('api')?.[0]?.comments).toHaveLength(2);
});

test('without an issue the first pull request gets the comment, cut to what GitHub takes', async () => {
  const pull = { number: 1, head: 'x', base: 'main', title: 't', body: '', state: 'open' as const, draft: true };
  hub.pulls.get('api')?.push({ ...pull, comments: [] });
  await tell({
    ...about({ pullRequests: [`${hub.url}/acme/api/pull/1`] }),
    body: `first words ${'x'.repeat(200_000)}`,
  });
  expect(hub.pulls.get('api')?.[0]?.comments).toEqual([
    expect.objectContaining({ body: expect.stringMatching(/first words x+\n… \(\d+ characters cut\)$/) }),
  ]);
  expect(hub.issues.get('api')).toEqual([]);
});

test('without both the run opens one issue of its own, goes on there, and closes it with its end', async () => {
  hub.fault({ method: 'POST', path: /\/issues$/, times: 1, when: 'after', how: { status: 502 } });
  const first = about({});
  await tell(first);
  await tell(first);
  await tell({ ...first, key: 'r1:ended', kind: 'ended', title: 'GH-1 aborted', body: '' });
  expect(hub.issues.get('api')).toEqual([
    {
      number: 1,
      title: 'GH-1 needs a decision: 3 of 3 attempts failed',
      body: expect.stringContaining(SAID),
      state: 'closed',
      comments: [expect.objectContaining({ body: expect.stringMatching(/\n\*\*`GH-1 aborted`\*\*/) })],
    },
  ]);
});

test('an issue and a repository of another host are not taken for those of the same name here', async () => {
  talk();
  const elsewhere = about({
    issue: 'https://forge.example/acme/api/issues/1',
    repositories: ['git@forge.example:acme/api.git'],
  });
  await expect(tell(elsewhere)).rejects.toMatchObject({
    name: 'ChannelFailed',
    message:
      'there is no issue to comment on, and git@forge.example:acme/api.git is not on 127.0.0.1: name a "repository" that is',
  });
  expect([hub.issues.get('api')?.length, hub.issues.get('api')?.[0]?.comments]).toMatchObject([1, [{ body: FORGED }]]);
});

test.each<[string, string, RegExp]>([
  ['no token', '', /^the worker has no \$GITHUB_TOKEN/],
  ['a token that may only read', READ_ONLY, /^GitHub answers 403: /],
  ['a bad token', 'bad-token', /^GitHub answers 401: /],
])('%s is a failure in one line without the token', async (_, token, message) => {
  const failure = await tell(about({ issue: talk() }), token).catch((error: unknown) => error);
  expect(failure).toMatchObject({ name: 'ChannelFailed', message: expect.stringMatching(message) });
  if (token !== '') expect(String(failure)).not.toContain(token);
});
