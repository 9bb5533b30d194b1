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
