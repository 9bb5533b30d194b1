import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import path from 'node:path';
import { listening } from '../listening.ts';
import { bareRepository } from '../repository.ts';
import type { Files } from '../repository.ts';
import { serveGit } from './git-http.ts';
import type { Reply } from './exchange.ts';
import { handleIssues } from './issues.ts';
import type { Issue } from './issues.ts';
import { GitHubProblem, handlePulls } from './pulls.ts';
import type { Pull } from './pulls.ts';

export interface Call {
  readonly method: string;
  readonly path: string;
  readonly body: unknown;
  /** Of the answer; 0 while there is none, and where the connection was dropped. */
  status: number;
}

/** Strikes `times` calls of a route: before the effect (nothing happens) or after it (it happened, the caller does not learn). */
export interface Fault {
  readonly method: string;
  readonly path: RegExp;
  readonly when: 'before' | 'after';
  readonly how: { readonly status: number; readonly headers?: Readonly<Record<string, string>> } | 'drop';
  times: number;
}

export interface Refusal {
  /** Reading by git, pushing by git, or the REST interface. */
  readonly at: 'read' | 'push' | 'api';
  readonly status: 401 | 403;
}

export interface GitHub {
  readonly url: string;
  readonly calls: Call[];
  readonly pulls: Map<string, Pull[]>;
  readonly issues: Map<string, Issue[]>;
  fault(fault: Fault): void;
  /** Refuses every call of this kind to a repository until it is accepted again: the token was revoked (401) or lost a permission (403). */
  refuse(name: string, refusal: Refusal): void;
  accept(name: string): void;
  /** https-style clone URL of a repository. */
  cloneUrl(name: string): string;
  bare(name: string): string;
  stop(): Promise<void>;
}

const READ_ONLY = 'read-only-token';
export const TOKEN = 'ghp_0123456789abcdefghijklmnopqrstuvwxyz';
export { READ_ONLY };

/** A GitHub of our own on one port: REST for pull requests and issues, smart-HTTP git, GitHub's rules, and faults on demand. */
export async function startGitHub(folder: string, repositories: Readonly<Record<string, Files>>): Promise<GitHub> {
  const root = path.join(folder, 'github');
  const owner = path.join(root, 'acme');
  for (const [name, files] of Object.entries(repositories)) bareRepository(await made(owner), name, files);
  const calls: Call[] = [];
  const faults: Fault[] = [];
  const refusals = new Map<string, Refusal>();
  const pulls = new Map<string, Pull[]>(Object.keys(repositories).map((name) => [name, []]));
  const issues = new Map<string, Issue[]>(Object.keys(repositories).map((name) => [name, []]));
  const server = createServer((request, response) => void answer(request, response));
  const port = await listening(server);
  const url = `http://127.0.0.1:${port}`;

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const target = new URL(request.url ?? '/', url);
    const token = tokenOf(request);
    const refused = refusals.get(/\/acme\/([\w-]+)/.exec(target.pathname)?.[1] ?? '');
    if (/\.git\/(info\/refs|git-(upload|receive)-pack)$/.test(target.pathname)) {
      const at = request.url?.includes('receive-pack') === true ? 'push' : 'read';
      if (refused?.at === at) return deny(response, refused.status);
      if (token !== TOKEN && token !== READ_ONLY) return deny(response, 401);
      if (token === READ_ONLY && request.url?.includes('receive-pack')) return deny(response, 403);
      return serveGit(request, response, { root, user: 'x-access-token' });
    }
    const body = await readBody(request);
    const call: Call = { method: request.method ?? '', path: target.pathname, body, status: 0 };
    calls.push(call);
    const fault = faults.find(
      (candidate) => candidate.times > 0 && candidate.method === request.method && candidate.path.test(target.pathname),
    );
    if (fault !== undefined) fault.times -= 1;
    if (fault?.when === 'before') return strike(response, fault);
    if (refused?.at === 'api') return strike(response, { how: refused });
    const result = respond({ method: request.method ?? '', target, body, token });
    if (fault !== undefined) return strike(response, fault);
    const text = JSON.stringify(result.value);
    const etag = `"${createHash('sha256').update(text).digest('hex')}"`;
    const same = request.method === 'GET' && request.headers['if-none-match'] === etag;
    call.status = same ? 304 : result.status;
    const headers = { 'content-type': 'application/json', 'x-ratelimit-remaining': '4999', etag, ...result.headers };
    response.writeHead(call.status, headers).end(same ? undefined : text);
  }

  function respond(order: { method: string; target: URL; body: unknown; token: string }): Reply {
    if (order.token !== TOKEN && order.token !== READ_ONLY)
      return { status: 401, value: { message: 'Bad credentials' } };
    const [, name, rest] = /^\/repos\/acme\/([\w.-]+)\/(.*)$/.exec(order.target.pathname) ?? [];
    const list = name === undefined ? undefined : pulls.get(name);
    if (name === undefined || list === undefined || rest === undefined)
      return { status: 404, value: { message: 'Not Found' } };
    if (order.token === READ_ONLY && order.method !== 'GET')
      return { status: 403, value: { message: 'Resource not accessible by personal access token' } };
    try {
      const bare = path.join(owner, `${name}.git`);
      const at = { ...order, name, rest, list, issues: issues.get(name) ?? [], bare, url };
      return handleIssues(at) ?? handlePulls(at);
    } catch (error) {
      if (error instanceof GitHubProblem)
        return {
          status: error.status,
          value: { message: 'Validation Failed', errors: [{ resource: 'PullRequest', message: error.message }] },
        };
      throw error;
    }
  }

  return {
    url,
    calls,
    pulls,
    issues,
    fault: (fault) => faults.push(fault),
    refuse: (name, refusal) => refusals.set(name, refusal),
    accept: (name) => refusals.delete(name),
    cloneUrl: (name) => `${url}/acme/${name}.git`,
    bare: (name) => path.join(owner, `${name}.git`),
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function made(folder: string): Promise<string> {
  const { mkdir } = await import('node:fs/promises');
  await mkdir(folder, { recursive: true });
  return folder;
}

function tokenOf(request: IncomingMessage): string {
  const [kind, value = ''] = (request.headers.authorization ?? '').split(' ');
  if (kind?.toLowerCase() !== 'basic') return value;
  return Buffer.from(value, 'base64').toString('utf8').split(':')[1] ?? '';
}

function deny(response: ServerResponse, status: number): void {
  response.writeHead(status, status === 401 ? { 'www-authenticate': 'Basic realm="GitHub"' } : {});
  response.end();
}

const MESSAGES: Readonly<Record<number, string>> = {
  401: 'Bad credentials',
  403: 'Resource not accessible by personal access token',
};

function strike(response: ServerResponse, { how }: Pick<Fault, 'how'>): void {
  if (how === 'drop') {
    response.socket?.destroy();
    return;
  }
  response.writeHead(how.status, { 'content-type': 'application/json', ...how.headers });
  const limited = how.headers?.['retry-after'] !== undefined;
  const message = limited ? 'You have exceeded a secondary rate limit.' : (MESSAGES[how.status] ?? 'Server Error');
  response.end(JSON.stringify({ message }));
}

async function readBody(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(Buffer.from(chunk));
  const text = Buffer.concat(chunks).toString('utf8');
  return text === '' ? undefined : JSON.parse(text);
}
