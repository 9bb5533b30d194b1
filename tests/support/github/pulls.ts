import type { Order, Reply } from './exchange.ts';
import { git } from '../repository.ts';
import type { Comment } from './issues.ts';

/** A pull request as the stand-in keeps it; its head commit is always the branch's real one. */
export interface Pull {
  readonly number: number;
  readonly head: string;
  readonly base: string;
  title: string;
  body: string;
  state: 'open' | 'closed';
  draft: boolean;
  readonly comments: Comment[];
}

/** GitHub's refusal, in its own words. */
export class GitHubProblem extends Error {
  override readonly name = 'GitHubProblem';
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

type Fields = Readonly<Record<string, string | boolean | undefined>>;

/** The routes about pull requests. */
export function handlePulls(order: Order): Reply {
  const { method, rest, list } = order;
  const fields: Fields = typeof order.body === 'object' && order.body !== null ? { ...order.body } : {};
  if (rest === 'pulls' && method === 'GET') return page(order);
  if (rest === 'pulls' && method === 'POST') return { status: 201, value: show(order, create(order, fields)) };
  const pull = list.find(({ number }) => number === Number(/^pulls\/(\d+)$/.exec(rest)?.[1]));
  if (pull === undefined) return { status: 404, value: { message: 'Not Found' } };
  if (method === 'PATCH') {
    const { title, body, state } = fields;
    if (typeof title === 'string') pull.title = title;
    if (typeof body === 'string') pull.body = body;
    if (state === 'closed' || state === 'open') pull.state = state;
  }
  return { status: 200, value: show(order, pull) };
}

function create({ list, issues, bare, name }: Order, fields: Fields): Pull {
  const field = (name: string): string => String(fields[name] ?? '');
  const head = field('head');
  const base = field('base');
  const title = field('title');
  if (commitOf(bare, head) === undefined) throw new GitHubProblem(422, `invalid head: ${head}`);
  if (commitOf(bare, base) === undefined) throw new GitHubProblem(422, `invalid base: ${base}`);
  if (title === '') throw new GitHubProblem(422, 'missing_field title');
  if (git(bare, 'rev-list', '--count', `${base}..${head}`) === '0')
    throw new GitHubProblem(422, `No commits between acme:${base} and acme:${head}`);
  if (list.some((pull) => pull.state === 'open' && pull.head === head && pull.base === base))
    throw new GitHubProblem(422, `A pull request already exists for acme:${head}.`);
  const body = String(fields['body'] ?? '');
  if (body.length > 65_536) throw new GitHubProblem(422, `body is too long in ${name}`);
  const pull: Pull = {
    number: issues.length + list.length + 1,
    head,
    base,
    title,
    body,
    state: 'open',
    draft: fields['draft'] === true,
    comments: [],
  };
  list.push(pull);
  return pull;
}

function page(order: Order): Reply {
  const query = order.target.searchParams;
  const [state, head, size, number] = [
    query.get('state') ?? 'open',
    query.get('head'),
    Number(query.get('per_page') ?? 30),
    Number(query.get('page') ?? 1),
  ];
  const found = order.list.filter(
    (pull) => (state === 'all' || pull.state === state) && (head === null || head === `acme:${pull.head}`),
  );
  const shown = found.slice((number - 1) * size, number * size);
  const next = new URL(order.target);
  next.searchParams.set('page', String(number + 1));
  return {
    status: 200,
    value: shown.map((pull) => show(order, pull)),
    ...(number * size < found.length ? { headers: { link: `<${next.href}>; rel="next"` } } : {}),
  };
}

function show({ bare, name, url }: Order, pull: Pull): object {
  const { number, title, body, state, draft, head, base } = pull;
  return {
    number,
    title,
    body,
    state,
    draft,
    node_id: `PR_${number}`,
    html_url: `${url}/acme/${name}/pull/${number}`,
    head: { ref: head, sha: commitOf(bare, head) ?? '' },
    base: { ref: base },
  };
}

function commitOf(bare: string, branch: string): string | undefined {
  try {
    return git(bare, 'rev-parse', '--verify', '--quiet', `refs/heads/${branch}`);
  } catch {
    return undefined;
  }
}
