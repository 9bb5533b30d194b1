import type { NotifierChoice } from '../domain/project.ts';
import type { Notification } from './notifiers/index.ts';
import type { Ports } from './ports.ts';

export interface NotifyInput {
  readonly notifiers: readonly NotifierChoice[];
  readonly notification: Notification;
}

/** Tells every channel once; a channel that fails makes the activity retry, those already told stay quiet. */
export async function notify(ports: Ports, { notifiers, notification }: NotifyInput): Promise<void> {
  const { title, body } = notification;
  const clean = { ...notification, title: ports.redact(title), body: ports.redact(body) };
  const results = await Promise.allSettled(notifiers.map(async (choice) => ports.notifier(choice).notify(clean)));
  const failed = results.find((result) => result.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
}
