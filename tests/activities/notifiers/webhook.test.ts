import { createHmac } from 'node:crypto';
import { createServer } from 'node:http';
import type { IncomingHttpHeaders } from 'node:http';
import { afterEach, expect, test } from '@jest/globals';
import { notify } from '../../../activities/notify.ts';
import { listening } from '../../support/listening.ts';
import { notificationOf, workerWith } from './scene.ts';

const notification = notificationOf();
const stops: (() => void)[] = [];

afterEach(() => {
  for (const stop of stops.splice(0)) stop();
});

/** A receiver that answers with these statuses in turn, then 200. */
async function receiver(statuses: number[]) {
  const calls: { headers: IncomingHttpHeaders; body: string }[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => (body += String(chunk)));
    request.on('end', () => {
      calls.push({ headers: request.headers, body });
      response.writeHead(statuses.shift() ?? 200).end();
    });
  });
  const port = await listening(server);
  stops.push(() => server.close());
  return { url: `http://127.0.0.1:${port}/hook/canary`, calls };
}

test('each channel hears a notification once: a webhook that fails twice, signed, and a chat that is asked again', async () => {
  const hook = await receiver([500, 503]);
  const chat = await receiver([]);
  const ports = await workerWith({
    SPEC_TO_PR_WEBHOOK_URL: hook.url,
    SPEC_TO_PR_WEBHOOK_SECRET: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
    SPEC_TO_PR_SLACK_WEBHOOK_URL: chat.url,
  });
  const tell = (name: string) => notify(ports, { notifier: { name, options: {} }, notification });
  await expect(tell('webhook')).rejects.toThrow(/^the webhook answers HTTP 500$/);
  await expect(tell('webhook')).rejects.toThrow(/^the webhook answers HTTP 503$/);
  for (const name of ['webhook', 'slack', 'webhook', 'slack']) await tell(name);
  expect(hook.calls).toHaveLength(3);
  const { headers, body } = hook.calls[2] ?? { headers: {}, body: '' };
  expect(JSON.parse(body)).toEqual(notification);
  const key = Buffer.from('MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', 'base64');
  const signed = `${String(headers['webhook-id'])}.${String(headers['webhook-timestamp'])}.${body}`;
  expect(headers['webhook-signature']).toBe(`v1,${createHmac('sha256', key).update(signed).digest('base64')}`);
  expect(new Set(hook.calls.map((call) => call.headers['webhook-id'])).size).toBe(1);
  expect(chat.calls.map((call) => JSON.parse(call.body))).toEqual([
    { text: '*GH-1 needs a decision: 3 of 3 attempts failed*\nexpected &lt;5&gt; &amp; got &lt;4&gt;' },
  ]);
});

test.each([
  ['without an address', {}, /^the worker has no \$SPEC_TO_PR_WEBHOOK_URL: set it and start it again$/],
  ['that is gone', { SPEC_TO_PR_WEBHOOK_URL: 'http://127.0.0.1:9/hook/canary' }, /^the webhook does not answer$/],
])('a webhook %s fails in one line that does not tell its address', async (_, environment, problem) => {
  const ports = await workerWith(environment);
  await expect(notify(ports, { notifier: { name: 'webhook', options: {} }, notification })).rejects.toThrow(problem);
});
