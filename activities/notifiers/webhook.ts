import { createHash, createHmac } from 'node:crypto';
import { access, mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { ChannelFailed } from './errors.ts';
import type { Notification, Notifier, NotifierConfig } from './index.ts';

const TIMEOUT_MS = 15_000;

/**
 * Posts each notification once as JSON to $SPEC_TO_PR_WEBHOOK_URL, signed with $SPEC_TO_PR_WEBHOOK_SECRET when that is set
 * (source: standardwebhooks.com). A receiver that sees an id again, after a kill at the wrong moment, can drop it.
 */
export function webhook(config: NotifierConfig): Notifier {
  return {
    notify: (notification) =>
      once(config, { channel: 'webhook', notification }, async () => {
        const url = needed(config, 'SPEC_TO_PR_WEBHOOK_URL');
        const id = idOf(notification);
        const timestamp = String(Math.floor(Date.now() / 1000));
        const body = JSON.stringify(notification);
        const secret = config.secret('SPEC_TO_PR_WEBHOOK_SECRET');
        await post('webhook', url, {
          body,
          headers: {
            'webhook-id': id,
            'webhook-timestamp': timestamp,
            ...(secret === undefined
              ? {}
              : { 'webhook-signature': `v1,${sign(secret, `${id}.${timestamp}.${body}`)}` }),
          },
        });
      }),
  };
}

/** Posts each notification once to Slack's incoming webhook, $SPEC_TO_PR_SLACK_WEBHOOK_URL. */
export function slack(config: NotifierConfig): Notifier {
  return {
    notify: (notification) =>
      once(config, { channel: 'slack', notification }, async () => {
        const url = needed(config, 'SPEC_TO_PR_SLACK_WEBHOOK_URL');
        const text = `*${escape(notification.title)}*\n${escape(notification.body)}`.slice(0, 3900);
        await post('slack', url, { body: JSON.stringify({ text }), headers: {} });
      }),
  };
}

// Slack reads these three as markup; source: its reference on message formatting.
const escape = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
const idOf = ({ key }: Notification): string => `msg_${createHash('sha256').update(key).digest('hex').slice(0, 32)}`;

/** A secret as the standard writes it, `whsec_` and base64, else any text. */
function sign(secret: string, text: string): string {
  const key = secret.startsWith('whsec_') ? Buffer.from(secret.slice(6), 'base64') : Buffer.from(secret);
  return createHmac('sha256', key).update(text).digest('base64');
}

function needed(config: NotifierConfig, name: string): string {
  const value = config.secret(name);
  if (value === undefined || value === '')
    throw new ChannelFailed(`the worker has no $${name}: set it and start it again`);
  return value;
}

async function post(
  channel: string,
  url: string,
  { body, headers }: { readonly body: string; readonly headers: Readonly<Record<string, string>> },
): Promise<void> {
  const request = { method: 'POST', body, headers: { 'content-type': 'application/json', ...headers } };
  const response = await fetch(url, { ...request, signal: AbortSignal.timeout(TIMEOUT_MS), redirect: 'error' }).catch(
    () => undefined,
  );
  await response?.body?.cancel();
  if (response === undefined) throw new ChannelFailed(`the ${channel} does not answer`);
  if (!response.ok) throw new ChannelFailed(`the ${channel} answers HTTP ${response.status}`);
}

async function once(
  { stateHome }: NotifierConfig,
  { channel, notification }: { readonly channel: string; readonly notification: Notification },
  deliver: () => Promise<void>,
): Promise<void> {
  const folder = path.join(stateHome, 'notified', channel);
  const mark = path.join(folder, idOf(notification));
  const told = await access(mark).then(
    () => true,
    () => false,
  );
  if (told) return;
  await deliver();
  await mkdir(folder, { recursive: true });
  await writeFile(mark, '');
}
