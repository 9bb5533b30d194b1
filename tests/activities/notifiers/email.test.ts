import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from '@jest/globals';
import { SMTPServer } from 'smtp-server';
import { notify } from '../../../activities/notify.ts';
import { notificationOf, workerWith } from './scene.ts';

const PASSWORD = 'correct horse battery';
const stops: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

/** A mail server that takes one login, refuses the first `refusals` mails, and keeps the rest. */
async function mailServer({ refusals = 0, encrypts = false } = {}) {
  const mails: { to: string[]; text: string }[] = [];
  let left = refusals;
  const server = new SMTPServer({
    disabledCommands: encrypts ? [] : ['STARTTLS'],
    allowInsecureAuth: true,
    logger: false,
    onAuth: ({ username, password }, _, done) =>
      username === 'bot' && password === PASSWORD ? done(null, { user: 'bot' }) : done(new Error('no')),
    onData: (stream, { envelope }, done) => {
      let text = '';
      stream.on('data', (chunk) => (text += String(chunk)));
      stream.on('end', () => {
        left -= 1;
        if (left >= 0) return done(Object.assign(new Error('mailbox of ann@example.com busy'), { responseCode: 451 }));
        mails.push({ to: envelope.rcptTo.map(({ address }) => address), text });
        return done();
      });
    },
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  stops.push(() => new Promise((resolve) => server.close(() => resolve())));
  const { port } = server.server.address() as AddressInfo;
  const options = {
    host: '127.0.0.1',
    port: String(port),
    user: 'bot',
    password_env: 'SPEC_TO_PR_SMTP_PASSWORD',
    from: 'Bot <bot@example.com>',
    to: 'ann@example.com, ben@example.com',
    tls: 'none',
  };
  return { mails, options };
}

const worker = (password = PASSWORD) => workerWith({ SPEC_TO_PR_SMTP_PASSWORD: password });
const header = (text: string, name: string): string => new RegExp(`^${name}: (.*)\r$`, 'm').exec(text)?.[1] ?? '';

test('a mail that is refused twice is delivered once, to all, under a Message-ID that stays the same', async () => {
  const { mails, options } = await mailServer({ refusals: 2 });
  const ports = await worker();
  const tell = () => notify(ports, { notifier: { name: 'email', options }, notification: notificationOf() });
  await expect(tell()).rejects.toMatchObject({ name: 'ChannelFailed', message: 'the mail server answers 451' });
  await expect(tell()).rejects.toMatchObject({ message: 'the mail server answers 451' });
  await tell();
  await tell();
  expect(mails.map(({ to }) => to)).toEqual([['ann@example.com', 'ben@example.com']]);
  const [first] = mails;
  expect(header(first?.text ?? '', 'Subject')).toBe('GH-1 needs a decision: 3 of 3 attempts failed');
  expect(first?.text.split('\r\n\r\n')[1]?.trim()).toBe('expected <5> & got <4>');
  const again = await worker();
  await notify(again, { notifier: { name: 'email', options }, notification: notificationOf() });
  expect(mails.map(({ text }) => header(text, 'Message-ID'))).toEqual([
    expect.stringMatching(/^<msg_[0-9a-f]{32}@spec-to-pr\.invalid>$/),
    header(first?.text ?? '', 'Message-ID'),
  ]);
});

test('a title cannot add a header', async () => {
  const { mails, options } = await mailServer();
  const notification = notificationOf({ title: 'stuck\r\nBcc: eve@example.com\r\n\r\nhello' });
  await notify(await worker(), { notifier: { name: 'email', options }, notification });
  expect(mails.map(({ to }) => to)).toEqual([['ann@example.com', 'ben@example.com']]);
  expect(header(mails[0]?.text ?? '', 'Bcc')).toBe('');
});

test.each<[string, Record<string, string>, string | undefined, string]>([
  ['a wrong password', {}, 'wrong password', 'the mail server refuses the login: check "user" and the password'],
  ['no password', {}, '', 'the worker has no $SPEC_TO_PR_SMTP_PASSWORD: set it and start it again'],
  [
    'a server without encryption',
    { tls: 'starttls' },
    undefined,
    'the mail server does not encrypt: set "tls: none" if that is meant',
  ],
  ['a server that is gone', { port: '9' }, undefined, 'the mail server does not answer'],
])('%s is a failure in one line without password or address', async (_, changes, password, message) => {
  const { mails, options } = await mailServer();
  const notifier = { name: 'email', options: { ...options, ...changes } };
  await expect(notify(await worker(password), { notifier, notification: notificationOf() })).rejects.toMatchObject({
    name: 'ChannelFailed',
    message,
  });
  expect(mails).toEqual([]);
});

test('with encryption asked for, a certificate that nobody vouches for is refused before the login', async () => {
  const { options } = await mailServer({ encrypts: true });
  const notifier = { name: 'email', options: { ...options, tls: 'starttls' } };
  await expect(notify(await worker(), { notifier, notification: notificationOf() })).rejects.toMatchObject({
    message: 'the certificate of the mail server is not trusted',
  });
});
