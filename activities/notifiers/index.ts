import { log } from './log.ts';

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
}

export const notifiers = { log } satisfies Record<string, (config: NotifierConfig) => Notifier>;
export type NotifierName = keyof typeof notifiers;
