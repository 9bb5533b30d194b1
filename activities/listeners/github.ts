import type { Octokit } from '@octokit/rest';
import { commandOf, mayAnswer } from '../../domain/comment-answer.ts';
import type { AnswerPolicy, Comment } from '../../domain/comment-answer.ts';
import type { Heard, ListenOrder } from '../../domain/listening.ts';
import { placeOf } from '../forges/github.ts';
import {
  GitHubFailed,
  commentOnce,
  hostOf,
  ownIssue,
  plain,
  sinceOf,
  talkOf,
  threadOf,
} from '../forges/github-talk.ts';
import type { Talk, Thread } from '../forges/github-talk.ts';
import type { Listener, ListenerConfig } from './index.ts';

const MAX_MEMORY = 1000;
const PAGE = 100;

interface Scene {
  readonly config: ListenerConfig;
  readonly talk: Talk;
  readonly order: ListenOrder;
}

/** Where people talk about the run; `asks` has the keys of the questions that the issue's own text asks. */
interface Place extends Thread {
  readonly asks: readonly string[];
}

/** Comments in the order in which they were written; `quiet` notes that there is nothing in them, so that they are read again only when they have changed. */
interface Reading {
  readonly comments: readonly Comment[];
  quiet(): void;
}

/** Reads the comments on a question on GitHub: on the thread that the notifier of the same name wrote it to. */
export function github(config: ListenerConfig): Listener {
  const { api_url: apiUrl, token_env = 'GITHUB_TOKEN' } = config.options;
  const talk = (impatient: boolean): Talk => {
    const token = config.secret(token_env) ?? '';
    if (token === '') throw new GitHubFailed(`the worker has no $${token_env}: set it and start it again`);
    return talkOf({ token, apiUrl, impatient });
  };
  return {
    listen: (order) => plain(async () => hear({ config, talk: talk(true), order })),
    reply: ({ comment: { thread, id, url }, subject, text }) =>
      plain(() => {
        const place = { owner: thread.owner, repo: thread.repo, issue_number: thread.number };
        return commentOnce(talk(false), place, {
          subject,
          key: `${subject.run}:reply:${id}`,
          text: `${url}\n\n${text}`,
        });
      }),
  };
}

async function hear(scene: Scene): Promise<Heard | undefined> {
  const { talk, order } = scene;
  const thread = threadOf(talk, order.subject);
  const place = thread === undefined ? await opened(scene) : { ...thread, asks: [] };
  if (place === undefined) return undefined;
  const { comments, quiet } = await read(scene, place);
  const askedBy = (key: string): number | undefined =>
    place.asks.includes(key) ? 0 : comments.find(({ body }) => body.includes(talk.mark(key)))?.id;
  const asked = askedBy(order.key);
  if (asked !== undefined) {
    const { owner, repo, issue_number: number } = place;
    const policy = policyAt(scene, place);
    const after = order.after ?? askedBy(order.first) ?? asked;
    for (const comment of comments) {
      if (comment.id <= after || !mayAnswer(policy, comment)) continue;
      const command = commandOf(comment);
      if (command === undefined) continue;
      const ref = { thread: { owner, repo, number }, id: comment.id, url: comment.url };
      return { comment: ref, command, early: comment.id < asked };
    }
  }
  quiet();
  return undefined;
}

/** The run's own issue, once there is one. */
async function opened({ talk, order, config }: Scene): Promise<Place | undefined> {
  const url = config.options['repository'] ?? order.subject.repositories[0] ?? '';
  if (hostOf(url) !== talk.host) return undefined;
  const place = placeOf(url);
  const name = `issue of ${order.key} at ${url}`;
  const known = config.memory.get(name)?.split(' ');
  if (known !== undefined) return { ...place, issue_number: Number(known[0]), asks: known.slice(1) };
  const found = await ownIssue(talk, place, order.subject);
  if (found === undefined) return undefined;
  const asks = [order.key, order.first].filter((key) => found.body.includes(talk.mark(key)));
  remember(config, name, [found.number, ...asks].join(' '));
  return { ...place, issue_number: found.number, asks };
}

/** Associations count in the project's own repositories only: elsewhere they say what somebody is to others. */
function policyAt({ talk, order, config }: Scene, { owner, repo }: Place): AnswerPolicy {
  const own = [...order.subject.repositories, config.options['repository'] ?? '']
    .filter((url) => hostOf(url) === talk.host)
    .map(placeOf)
    .some((place) => place.owner === owner && place.repo === repo);
  return own ? config.policy : { ...config.policy, associations: [] };
}

async function read({ talk, order, config }: Scene, { owner, repo, issue_number }: Place): Promise<Reading> {
  const name = `tag of ${order.key} after ${order.after ?? 'none'} in ${owner}/${repo}#${issue_number}`;
  const tag = config.memory.get(name);
  const query = { owner, repo, issue_number, since: sinceOf(order.subject), per_page: PAGE };
  const first = await page(talk, { ...query, ...(tag === undefined ? {} : { headers: { 'if-none-match': tag } }) });
  if (first === undefined) return { comments: [], quiet: () => undefined };
  const { data, headers } = first;
  const all = data.length < PAGE ? data : await talk.octokit.paginate(talk.octokit.rest.issues.listComments, query);
  return {
    comments: all.map(commentOf).toSorted((a, b) => a.id - b.id),
    quiet: () => {
      if (data.length < PAGE && headers.etag !== undefined) remember(config, name, headers.etag);
    },
  };
}

type ListComments = Octokit['rest']['issues']['listComments'];
type Shown = Awaited<ReturnType<ListComments>>['data'][number];

/** One page, or nothing when it is what the tag says: that costs no rate limit. */
async function page({ octokit }: Talk, query: Parameters<ListComments>[0]) {
  try {
    return await octokit.rest.issues.listComments(query);
  } catch (error) {
    if (error instanceof Error && 'status' in error && error.status === 304) return undefined;
    throw error;
  }
}

function commentOf(shown: Shown): Comment {
  return {
    id: shown.id,
    url: shown.html_url,
    body: shown.body ?? '',
    author: shown.user?.login ?? '',
    association: shown.author_association,
    automated: shown.user?.type !== 'User' || (shown.performed_via_github_app ?? null) !== null,
    edited: shown.updated_at !== shown.created_at,
  };
}

function remember({ memory }: ListenerConfig, name: string, value: string): void {
  const [oldest] = memory.keys();
  if (memory.size >= MAX_MEMORY && oldest !== undefined) memory.delete(oldest);
  memory.set(name, value);
}
