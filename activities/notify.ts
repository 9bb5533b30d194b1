import type { Notification } from './notifiers/index.ts';
import type { Ports } from './ports.ts';

export interface NotifyInput {
  /** Names of the channels. */
  readonly notifiers: readonly string[];
  readonly notification: Notification;
}

/** Tells every channel once; a channel that fails makes the activity retry, those already told stay quiet. */
export async function notify(ports: Ports, { notifiers, notification }: NotifyInput): Promise<void> {
  const results = await Promise.allSettled(notifiers.map((name) => ports.notifier(name).notify(notification)));
  const failed = results.find((result) => result.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
}
