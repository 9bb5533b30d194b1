import { createHmac } from 'node:crypto';
import type { Octokit } from '@octokit/rest';
import type { NotificationSubject } from '../../domain/notification.ts';
import { oneLine } from '../../domain/text.ts';
import { githubClient, placeOf } from './github.ts';
import type { Place } from './github.ts';

const HOUR_MS = 3_600_000;
// A repeated POST would say it twice: what is unclear is looked up instead.
export const NO_RETRY = { request: { retries: 0 } };

/** GitHub as the owner of one token talks on it. */
export interface Talk {
  readonly octokit: Octokit;
  /** Name of the host whose issues the client reaches. */
  readonly host: string;
  /** A hidden mark that only the token's owner can make. */
  mark(text: string): string;
}

/** An issue or a pull request. */
export interface Thread extends Place {
  readonly issue_number: number;
}

/** GitHub did not do what it was asked. The message is one line and holds no token. */
export class GitHubFailed extends Error {
  override readonly name = 'GitHubFailed';
}

export function talkOf(options: {
  readonly token: string;
  readonly apiUrl?: string | undefined;
  readonly impatient?: boolean;
}): Talk {
  const { token, apiUrl, impatient = false } = options;
  const hash = (text: string): string => createHmac('sha256', token).update(text).digest('hex').slice(0, 32);
  return {
    octokit: githubClient({ token, impatient, ...(apiUrl === undefined ? {} : { apiUrl }) }),
    host: hostOf(apiUrl ?? 'https://api.github.com'),
    mark: (text) => `<!-- spec-to-pr:note:${hash(text)} -->`,
  };
}

/** Host of an https or ssh URL, without port; that of GitHub's API is the one whose API it is. Empty for a path. */
export function hostOf(url: string): string {
  const [, name, other] = /^(?:[a-z+]+:\/\/(?:[^@/]*@)?([^/:]+)|[^/@]*@([^/:]+):)/i.exec(url) ?? [];
  return (name ?? other ?? '').toLowerCase().replace(/^api\./, '');
}

/** The issue that the work came from, else the run's first pull request; neither where they are on another host. */
export function threadOf({ host }: Talk, { issue, pullRequests }: NotificationSubject): Thread | undefined {
  return [issue ?? '', ...pullRequests]
    .filter((url) => hostOf(url) === host)
    .map(threadAt)
    .find((found) => found !== undefined);
}

function threadAt(url: string): Thread | undefined {
  const [, root, number] = /^(https?:\/\/[^/\s]+\/[\w.-]+\/[\w.-]+)\/(?:issues|pull)\/(\d+)$/.exec(url) ?? [];
  return root === undefined ? undefined : { ...placeOf(root), issue_number: Number(number) };
}

/** The issue that was opened for the run alone, found by the run's mark. */
export async function ownIssue(
  { octokit, mark }: Talk,
  place: Place,
  subject: NotificationSubject,
): Promise<{ number: number; body: string } | undefined> {
  const own = mark(subject.run);
  const query = { ...place, since: sinceOf(subject), state: 'all' as const, per_page: 100 };
  const issues = await octokit.paginate(octokit.rest.issues.listForRepo, query);
  const found = issues.find(({ body }) => body?.includes(own));
  return found === undefined ? undefined : { number: found.number, body: found.body ?? '' };
}

/** Comments once for good under a mark: one whose answer got lost is found. */
export async function commentOnce(
  talk: Talk,
  thread: Thread,
  { subject, key, text }: { readonly subject: NotificationSubject; readonly key: string; readonly text: string },
): Promise<void> {
  const mark = talk.mark(key);
  const commented = async (): Promise<boolean> => {
    const query = { ...thread, since: sinceOf(subject), per_page: 100 };
    const comments = await talk.octokit.paginate(talk.octokit.rest.issues.listComments, query);
    return comments.some(({ body }) => body?.includes(mark));
  };
  if (await commented()) return;
  try {
    await talk.octokit.rest.issues.createComment({ ...thread, ...NO_RETRY, body: `${mark}\n${text}` });
  } catch (error) {
    if (!(await commented())) throw error;
  }
}

/** From when on what is said may be about the run, as GitHub's queries take it. */
export const sinceOf = ({ startedAt }: NotificationSubject): string => new Date(startedAt - HOUR_MS).toISOString();

/** What goes wrong with GitHub as GitHubFailed, so that it is tried again; what says already that it failed passes through. */
export async function plain<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof Error) || error.name.endsWith('Failed')) throw error;
    const status = 'status' in error && typeof error.status === 'number' ? `GitHub answers ${error.status}: ` : '';
    throw new GitHubFailed(`${status}${oneLine(error.message, 200)}`);
  }
}
