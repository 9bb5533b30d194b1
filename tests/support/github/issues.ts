import type { Order, Reply } from './exchange.ts';
import { GitHubProblem } from './pulls.ts';
import type { Pull } from './pulls.ts';

/** An issue as the stand-in keeps it; issues and pull requests of a repository share their numbers. */
export interface Issue {
  readonly number: number;
  readonly title: string;
  readonly body: string;
  state: 'open' | 'closed';
  readonly comments: Comment[];
}

/** A comment as the stand-in keeps it. */
export interface Comment {
  /** Grows from one comment of the forge to the next. */
  readonly id: number;
  readonly author: string;
  readonly association: string;
  readonly type: 'User' | 'Bot';
  /** Written by an app in the author's name. */
  readonly byApp: boolean;
  readonly createdAt: string;
  body: string;
  updatedAt: string;
}

let comments = 0;

/** A comment by the token's owner, or with changes by somebody else. */
export function comment(body: string, changes: Partial<Comment> = {}): Comment {
  comments += 1;
  const now = new Date().toISOString();
  const who = { author: 'bot', association: 'OWNER', type: 'User' as const, byApp: false };
  return { id: comments, ...who, createdAt: now, body, updatedAt: now, ...changes };
}

const MAX_TEXT = 65_536;

/** The routes about issues and the comments of both; undefined when it is another's. */
export function handleIssues(order: Order): Reply | undefined {
  const { method, rest, issues, list } = order;
  if (rest === 'issues' && method === 'POST') return { status: 201, value: show(order, create(order)) };
  if (rest === 'issues' && method === 'GET') {
    const state = order.target.searchParams.get('state') ?? 'open';
    const all = [...issues, ...list].filter((one) => state === 'all' || one.state === state);
    return page(
      order,
      all.map((one) => show(order, one)),
    );
  }
  const [, number, comments] = /^issues\/(\d+)(\/comments)?$/.exec(rest) ?? [];
  if (number === undefined) return undefined;
  const found = issues.find((one) => one.number === Number(number));
  const thread = found ?? list.find((one) => one.number === Number(number));
  if (thread === undefined) return { status: 404, value: { message: 'Not Found' } };
  if (comments !== undefined) return aboutComments(order, thread);
  const state = field(order, 'state');
  if (method === 'PATCH' && found !== undefined && (state === 'open' || state === 'closed')) found.state = state;
  return { status: 200, value: show(order, thread) };
}

function aboutComments(order: Order, thread: Issue | Pull): Reply {
  const { method, target } = order;
  if (method === 'POST') {
    const said = comment(text(order));
    thread.comments.push(said);
    return { status: 201, value: view(order, thread, said) };
  }
  const since = target.searchParams.get('since') ?? '';
  const found = thread.comments.filter(({ updatedAt }) => updatedAt >= since);
  return page(
    order,
    found.map((one) => view(order, thread, one)),
  );
}

function view({ name, url }: Order, { number }: Issue | Pull, said: Comment): object {
  const { id, body, author, type, association, byApp, createdAt, updatedAt } = said;
  return {
    id,
    body,
    html_url: `${url}/acme/${name}/issues/${number}#issuecomment-${id}`,
    user: { login: author, type },
    author_association: association,
    performed_via_github_app: byApp ? { slug: 'an-app' } : null,
    created_at: createdAt,
    updated_at: updatedAt,
  };
}

function create(order: Order): Issue {
  const { issues, list } = order;
  const title = field(order, 'title');
  if (title === '' || title.length > 256)
    throw new GitHubProblem(422, 'title is missing or too long (maximum is 256 characters)');
  const issue: Issue = {
    number: issues.length + list.length + 1,
    title,
    body: text(order),
    state: 'open',
    comments: [],
  };
  issues.push(issue);
  return issue;
}

function text(order: Order): string {
  const body = field(order, 'body');
  if (body.trim() === '') throw new GitHubProblem(422, "Body can't be blank");
  if (body.length > MAX_TEXT) throw new GitHubProblem(422, `body is too long (maximum is ${MAX_TEXT} characters)`);
  return body;
}

function field({ body }: Order, name: string): string {
  const value: unknown =
    typeof body === 'object' && body !== null ? Object.entries(body).find(([key]) => key === name)?.[1] : '';
  return typeof value === 'string' ? value : '';
}

function page({ target }: Order, values: readonly object[]): Reply {
  const size = Number(target.searchParams.get('per_page') ?? 30);
  const number = Number(target.searchParams.get('page') ?? 1);
  const next = new URL(target);
  next.searchParams.set('page', String(number + 1));
  return {
    status: 200,
    value: values.slice((number - 1) * size, number * size),
    ...(number * size < values.length ? { headers: { link: `<${next.href}>; rel="next"` } } : {}),
  };
}

function show({ name, url }: Order, { number, title, body, state }: Issue | Pull): object {
  return { number, title, body, state, html_url: `${url}/acme/${name}/issues/${number}` };
}
