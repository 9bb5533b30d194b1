import type { Notification } from '../../domain/notification.ts';
import { desktop } from './desktop.ts';
import { email } from './email.ts';
import { github } from './github.ts';
import { log } from './log.ts';
import { slack, webhook } from './webhook.ts';

export type { Notification } from '../../domain/notification.ts';

/** Tells each notification once, however often it is asked to. Throws ChannelFailed when it could not. */
export interface Notifier {
  notify(notification: Notification): Promise<void>;
}

export interface NotifierConfig {
  /** Folder for what notifiers have to remember. */
  readonly stateHome: string;
  /** The channel's own settings. */
  readonly options: Readonly<Record<string, string>>;
  /** What programs of the desktop need: PATH, the session's bus and display. */
  readonly environment: Readonly<Record<string, string>>;
  /** The value behind a secret's name. */
  secret(name: string): string | undefined;
}

export const notifiers = { desktop, email, github, log, slack, webhook } satisfies Record<
  string,
  (config: NotifierConfig) => Notifier
>;
