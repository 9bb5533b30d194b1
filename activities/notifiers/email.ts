import { createTransport } from 'nodemailer';
import { inert } from '../../domain/markdown.ts';
import { oneLine } from '../../domain/text.ts';
import { ChannelFailed } from './errors.ts';
import type { Notification, Notifier, NotifierConfig } from './index.ts';
import { idOf, needed, once } from './once.ts';

const TIMEOUT_MS = 20_000;

/**
 * Sends each notification once by SMTP, as plain text. Its Message-ID is made from the notification's key, so that a mail sent
 * again, after a kill at the wrong moment, can be told.
 */
export function email(config: NotifierConfig): Notifier {
  return {
    notify: (notification) => once(config, { channel: 'email', notification }, () => send(config, notification)),
  };
}

async function send(config: NotifierConfig, notification: Notification): Promise<void> {
  const { from = '', to = '' } = config.options;
  const transport = createTransport(connection(config));
  try {
    await transport.sendMail({
      from,
      to,
      subject: oneLine(inert(notification.title), 300),
      text: `${inert(notification.body)}\n`,
      messageId: `<${idOf(notification)}@spec-to-pr.invalid>`,
      headers: { 'Auto-Submitted': 'auto-generated' },
      disableFileAccess: true,
      disableUrlAccess: true,
    });
  } catch (error) {
    throw new ChannelFailed(reason(error));
  } finally {
    transport.close();
  }
}

/** With a user, a connection that cannot be encrypted is refused, unless the project says `tls: none`. */
function connection(config: NotifierConfig) {
  const {
    host = '',
    port = '587',
    user,
    password_env = '',
    tls = port === '465' ? 'implicit' : 'starttls',
  } = config.options;
  return {
    host,
    port: Number(port),
    secure: tls === 'implicit',
    requireTLS: tls === 'starttls',
    ignoreTLS: tls === 'none',
    ...(user === undefined ? {} : { auth: { user, pass: needed(config, password_env) } }),
    connectionTimeout: TIMEOUT_MS,
    greetingTimeout: TIMEOUT_MS,
    socketTimeout: TIMEOUT_MS,
  };
}

/** What went wrong, in a sentence without addresses: a server's own words may hold them. */
function reason(error: unknown): string {
  if (error instanceof ChannelFailed) return error.message;
  const field = (name: string): unknown => Object.getOwnPropertyDescriptor(error, name)?.value;
  const [code, responseCode, message] = [field('code'), field('responseCode'), field('message')];
  if (code === 'EAUTH') return 'the mail server refuses the login: check "user" and the password';
  if (code === 'ETLS') return 'the mail server does not encrypt: set "tls: none" if that is meant';
  if (typeof message === 'string' && /certificate/i.test(message))
    return 'the certificate of the mail server is not trusted';
  if (typeof responseCode === 'number') return `the mail server answers ${responseCode}`;
  return 'the mail server does not answer';
}
