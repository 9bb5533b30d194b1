import { createHmac } from 'node:crypto';
import type { Octokit } from '@octokit/rest';
import { code } from '../../domain/markdown.ts';
import { head, oneLine } from '../../domain/text.ts';
import { githubClient, placeOf } from '../forges/github.ts';
import type { Place } from '../forges/github.ts';
import { ChannelFailed } from './errors.ts';
import type { Notification, Notifier, NotifierConfig } from './index.ts';
import { needed, once } from './once.ts';

// GitHub takes 65,536 characters; the markers stand before the text.
const MAX_TEXT = 60_000;
const HOUR_MS = 3_600_000;
// A repeated POST would say it twice: what is unclear is looked up instead.
const NO_RETRY = { request: { retries: 0 } };

interface Scene {
  readonly octokit: Octokit;
  readonly notification: Notification;
  /** Hidden marks of this notification and of this run. */
  readonly note: string;
  readonly own: string;
  /** Name of the host whose issues the client reaches. */
  readonly host: string;
}

interface Thread extends Place {
  readonly issue_number: number;
}

/**
 * Writes each notification once on GitHub: as a comment on the issue that the work came from, else on the run's first pull request,
 * else in an issue of the run's own, which is closed when the run ends.
 */
export function github(config: NotifierConfig): Notifier {
  return {
    notify: (notification) =>
      once(config, { channel: 'github', notification }, async () => {
        const { api_url: apiUrl, token_env = 'GITHUB_TOKEN', repository } = config.options;
        const token = needed(config, token_env);
        const octokit = githubClient({ token, ...(apiUrl === undefined ? {} : { apiUrl }) });
        const mark = (text: string): string =>
          `<!-- spec-to-pr:note:${createHmac('sha256', token).update(text).digest('hex').slice(0, 32)} -->`;
        const scene = {
          octokit,
          notification,
          note: mark(notification.key),
          own: mark(notification.subject.run),
          host: hostOf(apiUrl ?? 'https://api.github.com'),
        };
        await named(() => tell(scene, repository));
      }),
  };
}

async function tell(scene: Scene, repository: string | undefined): Promise<void> {
  const { issue, pullRequests, repositories } = scene.notification.subject;
  const thread = [issue ?? '', ...pullRequests]
    .filter((url) => hostOf(url) === scene.host)
    .map(threadOf)
    .find((found) => found !== undefined);
  if (thread !== undefined) return comment(scene, thread);
  const url = repository ?? repositories[0] ?? '';
  if (hostOf(url) !== scene.host)
    throw new ChannelFailed(
      `there is no issue to comment on, and ${url} is not on ${scene.host}: name a "repository" that is`,
    );
  const place = placeOf(url);
  const found = await ownIssue(scene, place);
  const issue_number = found?.number ?? (await open(scene, place));
  if (found?.body.includes(scene.note) === false) await comment(scene, { ...place, issue_number });
  if (scene.notification.kind === 'ended')
    await scene.octokit.rest.issues.update({ ...place, issue_number, state: 'closed' });
}

/** Host of an https or ssh URL, without port; that of GitHub's API is the one whose API it is. Empty for a path. */
function hostOf(url: string): string {
  const [, name, other] = /^(?:[a-z+]+:\/\/(?:[^@/]*@)?([^/:]+)|[^/@]*@([^/:]+):)/i.exec(url) ?? [];
  return (name ?? other ?? '').toLowerCase().replace(/^api\./, '');
}

function threadOf(url: string): Thread | undefined {
  const [, root, number] = /^(https?:\/\/[^/\s]+\/[\w.-]+\/[\w.-]+)\/(?:issues|pull)\/(\d+)$/.exec(url) ?? [];
  return root === undefined ? undefined : { ...placeOf(root), issue_number: Number(number) };
}

/** Comments unless the comment is there; one whose answer got lost is found. */
async function comment(scene: Scene, thread: Thread): Promise<void> {
  if (await commented(scene, thread)) return;
  try {
    await scene.octokit.rest.issues.createComment({ ...thread, ...NO_RETRY, body: `${scene.note}\n${textOf(scene)}` });
  } catch (error) {
    if (!(await commented(scene, thread))) throw error;
  }
}

async function commented({ octokit, note, notification }: Scene, thread: Thread): Promise<boolean> {
  const since = sinceOf(notification);
  const comments = await octokit.paginate(octokit.rest.issues.listComments, { ...thread, since, per_page: 100 });
  return comments.some(({ body }) => body?.includes(note));
}

async function ownIssue(scene: Scene, place: Place): Promise<{ number: number; body: string } | undefined> {
  const { octokit, own, notification } = scene;
  const since = sinceOf(notification);
  const issues = await octokit.paginate(octokit.rest.issues.listForRepo, {
    ...place,
    since,
    state: 'all',
    per_page: 100,
  });
  const found = issues.find(({ body }) => body?.includes(own));
  return found === undefined ? undefined : { number: found.number, body: found.body ?? '' };
}

/** Opens the run's own issue with the notification as its text, and gives its number. */
async function open(scene: Scene, place: Place): Promise<number> {
  try {
    const body = `${scene.own}\n${scene.note}\n${textOf(scene)}`;
    const title = oneLine(scene.notification.title, 250);
    const { data } = await scene.octokit.rest.issues.create({ ...place, ...NO_RETRY, title, body });
    return data.number;
  } catch (error) {
    const found = await ownIssue(scene, place);
    if (found === undefined) throw error;
    return found.number;
  }
}

const sinceOf = ({ subject }: Notification): string => new Date(subject.startedAt - HOUR_MS).toISOString();
const textOf = ({ notification: { title, body } }: Scene): string =>
  head(`**${code(title, 300)}**\n\n${body}`, MAX_TEXT);

async function named(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (error instanceof ChannelFailed || !(error instanceof Error)) throw error;
    const status = 'status' in error && typeof error.status === 'number' ? error.status : undefined;
    if (status === undefined) throw new ChannelFailed(oneLine(error.message, 200));
    throw new ChannelFailed(`GitHub answers ${status}: ${oneLine(error.message, 200)}`);
  }
}
