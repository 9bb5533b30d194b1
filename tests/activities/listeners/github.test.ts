import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { glance, listen, reply } from '../../../activities/listen.ts';
import { talkOf } from '../../../activities/forges/github-talk.ts';
import type { Ports } from '../../../activities/ports.ts';
import type { AnswerPolicy } from '../../../domain/comment-answer.ts';
import type { Heard, ListenOrder } from '../../../domain/listening.ts';
import type { NotificationSubject } from '../../../domain/notification.ts';
import { temporaryFolder } from '../../support/folder.ts';
import { comment } from '../../support/github/issues.ts';
import type { Comment } from '../../support/github/issues.ts';
import { TOKEN, startGitHub } from '../../support/github/server.ts';
import type { Fault, GitHub } from '../../support/github/server.ts';
import { notificationOf, workerWith } from '../notifiers/scene.ts';

let hub: GitHub;
let ports: Ports;

beforeEach(async () => {
  hub = await startGitHub(await temporaryFolder(), { api: { 'a.txt': 'one\n' }, other: { 'a.txt': 'one\n' } });
  ports = await workerWith({ GITHUB_TOKEN: TOKEN });
});
afterEach(() => hub.stop());

const io = { signal: new AbortController().signal, progress: () => undefined };
const TEAM: AnswerPolicy = { authors: ['ann'], associations: ['MEMBER'] };

function subjectOf(changes: Partial<NotificationSubject> = {}): NotificationSubject {
  return { ...notificationOf().subject, repositories: [hub.cloneUrl('api')], startedAt: Date.now(), ...changes };
}

const mark = (text: string): string => talkOf({ token: TOKEN, apiUrl: hub.url }).mark(text);

/** Asks a question in the words of the notifier, without the pause that GitHub wants before each comment. */
function ask(key = 'r1:q1', repository = 'api'): void {
  hub.issues.get(repository)?.[0]?.comments.push(comment(`${mark(key)}\nA decision is needed.`));
}

function order(subject: NotificationSubject, changes: Partial<ListenOrder> = {}): ListenOrder {
  return { question: 'q1', key: 'r1:q1', first: 'r1:q1', subject, after: null, since: Date.now(), ...changes };
}

const listener = (policy: AnswerPolicy) => ({ name: 'github', options: { api_url: hub.url }, policy, pollSeconds: 15 });

function heard(given: ListenOrder, policy = TEAM): Promise<Heard | null> {
  return glance(ports, { listener: listener(policy), order: given }, io);
}

/** An issue that the work came from, with what was said in it before. */
function talk(repository: string, body = 'please'): string {
  const issues = hub.issues.get(repository) ?? [];
  issues.push({ number: 1, title: 'Gift cards', body, state: 'open', comments: [] });
  return `${hub.url}/acme/${repository}/issues/1`;
}

function say(body: string, changes: Partial<Comment> = {}, repository = 'api'): Comment {
  const said = comment(body, { author: 'ann', association: 'NONE', ...changes });
  hub.issues.get(repository)?.[0]?.comments.push(said);
  return said;
}

test('the first command after the question is heard, with who said it and what follows the line', async () => {
  const subject = subjectOf({ issue: talk('api') });
  say('/spec-to-pr abort');
  expect(await heard(order(subject))).toBeNull();
  ask();
  say('I would say: /spec-to-pr abort');
  const first = say('/spec-to-pr retry --usd 5\r\nPrices are in cents.', { author: 'Ann' });
  say('/spec-to-pr abort');
  expect(await heard(order(subject))).toEqual({
    comment: {
      thread: { owner: 'acme', repo: 'api', number: 1 },
      id: first.id,
      url: `${hub.url}/acme/api/issues/1#issuecomment-${first.id}`,
    },
    command: { answer: { decision: 'retry', usd: 5, guidance: 'Prices are in cents.', by: 'Ann' } },
    early: false,
  });
  expect(await heard(order(subject, { after: first.id }))).toMatchObject({
    command: { answer: { decision: 'abort' } },
  });
});

test.each<[string, string, Partial<Comment>]>([
  ['somebody who is not listed', '/spec-to-pr abort', { author: 'eve', association: 'CONTRIBUTOR' }],
  ['a bot, though its account is listed', '/spec-to-pr abort', { type: 'Bot' }],
  ['an app in the name of somebody listed', '/spec-to-pr abort', { byApp: true }],
  ['a quote', '> /spec-to-pr abort', {}],
  ['a code block', '```\n/spec-to-pr abort\n```', {}],
  ['prose with a command in it', 'Shall I?\n/spec-to-pr abort', {}],
])('%s is not heard', async (_, body, changes) => {
  const subject = subjectOf({ issue: talk('api') });
  ask();
  say(body, changes);
  expect(await heard(order(subject))).toBeNull();
  say('/spec-to-pr abort', { author: 'ben', association: 'MEMBER' });
  expect(await heard(order(subject))).toMatchObject({ command: { answer: { by: 'ben' } } });
});

test('a command under the mark of our own question, copied by an outsider or by somebody listed, is none', async () => {
  const subject = subjectOf({ issue: talk('api') });
  ask();
  say(`${mark('r1:q1')}\n/spec-to-pr abort`, { author: 'eve' });
  say(`${mark('r1:q1')}\n/spec-to-pr abort`);
  expect(await heard(order(subject))).toBeNull();
  say('/spec-to-pr abort');
  expect(await heard(order(subject))).toMatchObject({ early: false });
});

test('a command that was edited before it was read is heard as a problem', async () => {
  const subject = subjectOf({ issue: talk('api') });
  ask();
  say('/spec-to-pr abort', { updatedAt: new Date(Date.now() + 5000).toISOString() });
  expect(await heard(order(subject))).toMatchObject({ command: { problem: expect.stringContaining('was edited') } });
});

test('a command between two questions is heard as one that is older than the second', async () => {
  const subject = subjectOf({ issue: talk('api') });
  ask();
  say('/spec-to-pr abort');
  ask('r1:q2');
  expect(await heard(order(subject, { question: 'q2', key: 'r1:q2' }))).toMatchObject({ early: true });
});

test("in the run's own issue the text is the question, and each later one is a comment", async () => {
  const subject = subjectOf();
  expect(await heard(order(subject))).toBeNull();
  talk('api', `${mark(subject.run)}\n${mark('r1:q1')}\nA decision is needed.`);
  say('/spec-to-pr retry');
  expect(await heard(order(subject))).toMatchObject({ command: { answer: { decision: 'retry' } }, early: false });
  ask('r1:q2');
  const second = order(subject, { question: 'q2', key: 'r1:q2' });
  expect(await heard(second)).toMatchObject({ early: true });
  const last = say('/spec-to-pr abort');
  expect(await heard({ ...second, after: last.id - 1 })).toMatchObject({ early: false });
});

test("what somebody is to another's repository counts nothing there, a listed account does", async () => {
  const subject = subjectOf({ issue: talk('other') });
  ask('r1:q1', 'other');
  say('/spec-to-pr abort', { author: 'eve', association: 'MEMBER' }, 'other');
  expect(await heard(order(subject))).toBeNull();
  say('/spec-to-pr retry', { author: 'ann' }, 'other');
  expect(await heard(order(subject))).toMatchObject({ command: { answer: { decision: 'retry', by: 'ann' } } });
});

test('unchanged comments cost no rate limit, and more than a page of them is read to the end', async () => {
  const subject = subjectOf({ issue: talk('api') });
  ask();
  hub.calls.length = 0;
  for (const _ of [1, 2, 3]) expect(await heard(order(subject))).toBeNull();
  expect(hub.calls.map(({ status }) => status)).toEqual([200, 304, 304]);
  for (let index = 0; index < 150; index += 1) say(`prose ${index}`, { author: 'eve' });
  expect(await heard(order(subject))).toBeNull();
  say('/spec-to-pr abort');
  expect(await heard(order(subject))).toMatchObject({ command: { answer: { decision: 'abort' } } });
});

test('while there is no command the activity asks to be tried again, later the longer it has been quiet', async () => {
  const subject = subjectOf({ issue: talk('api') });
  ask();
  const wait = async (quietMs: number): Promise<unknown> => {
    const given = order(subject, { since: Date.now() - quietMs });
    return listen(ports, { listener: listener(TEAM), order: given }, io).catch((error: unknown) => error);
  };
  expect(await wait(0)).toMatchObject({ name: 'Again', afterMs: 15_000 });
  expect(await wait(86_400_000)).toMatchObject({ name: 'Again', afterMs: 120_000 });
});

test.each<[string, Partial<Fault>, RegExp]>([
  ['an error of GitHub', { how: { status: 502 } }, /^GitHub answers 502: /],
  ['its rate limit', { how: { status: 403, headers: { 'x-ratelimit-remaining': '0' } } }, /^GitHub answers 403: /],
])('%s ends the look at once, and the next one hears all', async (_, how, message) => {
  const subject = subjectOf({ issue: talk('api') });
  ask();
  say('/spec-to-pr abort');
  const strike: Fault = { method: 'GET', path: /\/comments$/, when: 'before', how: 'drop', times: 1, ...how };
  hub.calls.length = 0;
  hub.fault(strike);
  await expect(heard(order(subject))).rejects.toMatchObject({
    name: 'GitHubFailed',
    message: expect.stringMatching(message),
  });
  expect(hub.calls).toHaveLength(1);
  expect(await heard(order(subject))).toMatchObject({ command: { answer: { decision: 'abort' } } });
});

test('a worker without the token says which variable it lacks', async () => {
  ports = await workerWith({});
  await expect(heard(order(subjectOf()))).rejects.toMatchObject({
    name: 'GitHubFailed',
    message: 'the worker has no $GITHUB_TOKEN: set it and start it again',
  });
});

test.each<[string, Pick<Fault, 'when' | 'how'>]>([
  ['with a 502 after the effect', { when: 'after', how: { status: 502 } }],
  ['with a connection dropped after the effect', { when: 'after', how: 'drop' }],
])('a comment gets one reply, %s and when it is told again', async (_, fault) => {
  const subject = subjectOf({ issue: talk('api') });
  ask();
  const said = say('/spec-to-pr abort');
  const found = await heard(order(subject));
  if (found === null) throw new Error('nothing was heard');
  hub.fault({ method: 'POST', path: /\/comments$/, times: 1, ...fault });
  const told = { listener: listener(TEAM), order: { comment: found.comment, subject, text: 'Accepted.' } };
  await reply(ports, told);
  await reply(ports, told);
  const [, , ...replies] = hub.issues.get('api')?.[0]?.comments ?? [];
  expect(replies.map(({ body }) => body.replace(/^<!-- spec-to-pr:note:[0-9a-f]{32} -->\n/, ''))).toEqual([
    `${hub.url}/acme/api/issues/1#issuecomment-${said.id}\n\nAccepted.`,
  ]);
});
