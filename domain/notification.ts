import type { Run } from './run.ts';
import { oneLine } from './text.ts';

/** What channels tell people. `key` names it for good: a channel delivers each key once. */
export interface Notification {
  readonly key: string;
  readonly kind: 'escalated' | 'reminder' | 'ended' | 'leaked';
  /** One line, of unknown origin. */
  readonly title: string;
  /** Markdown in which text of unknown origin is inert. */
  readonly body: string;
  readonly subject: NotificationSubject;
  /** Commands that a comment on it may begin with; absent where no comment answers. */
  readonly replies?: readonly string[];
}

/** The run that is told of, and where on a forge people talk about it. */
export interface NotificationSubject {
  readonly workId: string;
  /** Names the run for good. */
  readonly run: string;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  /** URL of the issue that the work item came from. */
  readonly issue?: string;
  /** URLs of the run's pull requests. */
  readonly pullRequests: readonly string[];
  /** URLs of the project's repositories, the first one first. */
  readonly repositories: readonly string[];
}

const ISSUE = /^https?:\/\/[^/\s]+\/[\w.-]+\/[\w.-]+\/issues\/\d+$/;

/** What a notification of this run is about. `origin` is the name of the spec's source. */
export function subjectOf(
  run: Run,
  { origin, repositories }: { readonly origin: string; readonly repositories: readonly string[] },
): NotificationSubject {
  return {
    workId: run.workId,
    run: `${run.key.workflowId}:${run.key.firstRunId}`,
    startedAt: run.startedAt,
    ...(ISSUE.test(origin) ? { issue: origin } : {}),
    pullRequests: run.pullRequests.map(({ url }) => url),
    repositories,
  };
}

/** The open question as a notification; `reminder` counts from 1, 0 is the question itself. */
export function questionNotification(
  run: Run,
  {
    subject,
    body,
    reminder,
    replies,
  }: {
    readonly subject: NotificationSubject;
    readonly body: string;
    readonly reminder: number;
    readonly replies?: readonly string[] | undefined;
  },
): Notification {
  const { trip } = run.escalation ?? { trip: { why: '' } };
  const key = questionKey(run);
  const verb = reminder === 0 ? 'needs' : 'still needs';
  return {
    key: reminder === 0 ? key : `${key}:reminder:${reminder}`,
    kind: reminder === 0 ? 'escalated' : 'reminder',
    title: `${run.workId} ${verb} ${run.step.at === 'taken_over' ? 'commits' : 'a decision'}: ${oneLine(trip.why)}`,
    body,
    subject,
    ...(replies === undefined ? {} : { replies }),
  };
}

/** Key of the notification that asks the run's open question. */
export function questionKey({ key, escalation }: Run): string {
  return `${key.firstRunId}:${escalation?.id ?? 'q?'}`;
}

/** The run's ending as a notification. */
export function endedNotification(run: Run, subject: NotificationSubject): Notification {
  return {
    key: `${run.key.firstRunId}:ended`,
    kind: 'ended',
    title: oneLine(`${run.workId} ${run.ending}${run.why === '' ? '' : `: ${run.why}`}`),
    body: run.pullRequests.map((pr) => `${pr.repository}: ${pr.url}`).join('\n'),
    subject,
  };
}
