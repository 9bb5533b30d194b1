import type { NotifierChoice } from '../domain/project.ts';
import type { Notification } from './notifiers/index.ts';
import type { Ports } from './ports.ts';

export interface NotifyInput {
  readonly notifier: NotifierChoice;
  readonly notification: Notification;
}

/** Tells one channel, without secrets. Throws ChannelFailed when it could not. */
export async function notify(ports: Ports, { notifier, notification }: NotifyInput): Promise<void> {
  const { title, body } = notification;
  await ports.notifier(notifier).notify({ ...notification, title: ports.redact(title), body: ports.redact(body) });
}
