import type { Notification } from '../../../domain/notification.ts';
import type { Ports } from '../../../activities/ports.ts';
import { workerConfig } from '../../../worker/config.ts';
import { createPorts } from '../../../worker/ports.ts';
import { temporaryFolder } from '../../support/folder.ts';

/** A question of run r1, with changes. */
export function notificationOf(changes: Partial<Notification> = {}): Notification {
  return {
    key: 'r1:q1',
    kind: 'escalated',
    title: 'GH-1 needs a decision: 3 of 3 attempts failed',
    body: 'expected <5> & got <4>',
    subject: { workId: 'GH-1', run: 'shop/GH-1:r1', startedAt: 0, pullRequests: [], repositories: [] },
    ...changes,
  };
}

/** The ports of a worker with this environment and a state folder of its own. */
export async function workerWith(environment: Readonly<Record<string, string>>): Promise<Ports> {
  const home = await temporaryFolder();
  return createPorts(workerConfig({ PATH: process.env['PATH'], SPEC_TO_PR_HOME: home, HOME: home, ...environment }), {
    name: 'Bot',
    email: 'bot@example.com',
  });
}
