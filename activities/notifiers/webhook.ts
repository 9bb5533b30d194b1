import { createHmac } from 'node:crypto';
import { ChannelFailed } from './errors.ts';
import type { Notifier, NotifierConfig } from './index.ts';
import { idOf, needed, once } from './once.ts';

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

/** A secret as the standard writes it, `whsec_` and base64, else any text. */
function sign(secret: string, text: string): string {
  const key = secret.startsWith('whsec_') ? Buffer.from(secret.slice(6), 'base64') : Buffer.from(secret);
  return createHmac('sha256', key).update(text).digest('base64');
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
