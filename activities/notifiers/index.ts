import { log } from './log.ts';
import { slack, webhook } from './webhook.ts';

/** `key` names the notification for good: a notifier delivers each key once. */
export interface Notification {
  readonly key: string;
  readonly kind: 'escalated' | 'ended';
  readonly title: string;
  readonly body: string;
}

export interface Notifier {
  notify(notification: Notification): Promise<void>;
}

export interface NotifierConfig {
  /** Folder for what notifiers have to remember. */
  readonly stateHome: string;
  /** The value behind a secret's name. */
  secret(name: string): string | undefined;
}

export const notifiers = { log, slack, webhook } satisfies Record<string, (config: NotifierConfig) => Notifier>;
export type NotifierName = keyof typeof notifiers;
