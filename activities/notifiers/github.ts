import { code } from '../../domain/markdown.ts';
import { head, oneLine } from '../../domain/text.ts';
import { placeOf } from '../forges/github.ts';
import type { Place } from '../forges/github.ts';
import {
  GitHubFailed,
  NO_RETRY,
  commentOnce,
  hostOf,
  ownIssue,
  plain,
  talkOf,
  threadOf,
} from '../forges/github-talk.ts';
import type { Talk } from '../forges/github-talk.ts';
import { ChannelFailed } from './errors.ts';
import type { Notification, Notifier, NotifierConfig } from './index.ts';
import { needed, once } from './once.ts';

// GitHub takes 65,536 characters; the markers stand before the text.
const MAX_TEXT = 60_000;

/**
 * Writes each notification once on GitHub: as a comment on the issue that the work came from, else on the run's first pull request,
 * else in an issue of the run's own, which is closed when the run ends.
 */
export function github(config: NotifierConfig): Notifier {
  return {
    notify: (notification) =>
      once(config, { channel: 'github', notification }, async () => {
        const { api_url: apiUrl, token_env = 'GITHUB_TOKEN', repository } = config.options;
        const talk = talkOf({ token: needed(config, token_env), apiUrl });
        await named(() => tell(talk, notification, repository));
      }),
  };
}

async function tell(talk: Talk, notification: Notification, repository: string | undefined): Promise<void> {
  const { subject, key } = notification;
  const text = textOf(notification);
  const thread = threadOf(talk, subject);
  if (thread !== undefined) return commentOnce(talk, thread, { subject, key, text });
  const url = repository ?? subject.repositories[0] ?? '';
  if (hostOf(url) !== talk.host)
    throw new ChannelFailed(
      `there is no issue to comment on, and ${url} is not on ${talk.host}: name a "repository" that is`,
    );
  const place = placeOf(url);
  const found = await ownIssue(talk, place, subject);
  const issue_number = found?.number ?? (await open(talk, place, notification));
  if (found?.body.includes(talk.mark(key)) === false)
    await commentOnce(talk, { ...place, issue_number }, { subject, key, text });
  if (notification.kind === 'ended') await talk.octokit.rest.issues.update({ ...place, issue_number, state: 'closed' });
}

/** Opens the run's own issue with the notification as its text, and gives its number. */
async function open(talk: Talk, place: Place, notification: Notification): Promise<number> {
  const { subject, key } = notification;
  try {
    const body = `${talk.mark(subject.run)}\n${talk.mark(key)}\n${textOf(notification)}`;
    const title = oneLine(notification.title, 250);
    const { data } = await talk.octokit.rest.issues.create({ ...place, ...NO_RETRY, title, body });
    return data.number;
  } catch (error) {
    const found = await ownIssue(talk, place, subject);
    if (found === undefined) throw error;
    return found.number;
  }
}

function textOf({ title, body, replies = [] }: Notification): string {
  const how = replies.map((command) => `\n\n\`\`\`\n${command}\n\`\`\``).join('');
  const here =
    how === ''
      ? ''
      : `\n\nOr answer here, with a comment that begins with one of these lines. What follows the line is guidance.${how}`;
  return `${head(`**${code(title, 300)}**\n\n${body}`, MAX_TEXT - here.length)}${here}`;
}

async function named(work: () => Promise<void>): Promise<void> {
  try {
    await plain(work);
  } catch (error) {
    throw error instanceof GitHubFailed ? new ChannelFailed(error.message) : error;
  }
}
