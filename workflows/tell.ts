import { ActivityFailure } from '@temporalio/workflow';
import type { Notification } from '../domain/notification.ts';
import type { NotifierChoice } from '../domain/project.ts';
import type { light } from './activities.ts';

interface Message {
  /** What the activities are called by: `notify:<id>:<channel>`. */
  readonly id: string;
  readonly summary: string;
  readonly notification: Notification;
  /** How long and how often a channel is tried. */
  readonly by: Pick<typeof light, 'notify'>;
}

/**
 * Tells every channel by an activity of its own: whichever host tries a failing channel again, no other channel hears it twice.
 * Resolves when each has it or has failed for good; the failure stays visible as a failed activity.
 */
export async function tellEach(
  notifiers: readonly NotifierChoice[],
  { id, summary, notification, by }: Message,
): Promise<void> {
  const told = await Promise.allSettled(
    notifiers.map((notifier) =>
      by.notify.executeWithOptions({ activityId: `notify:${id}:${notifier.name}`, summary }, [
        { notifier, notification },
      ]),
    ),
  );
  for (const one of told) if (one.status === 'rejected' && !(one.reason instanceof ActivityFailure)) throw one.reason;
}
