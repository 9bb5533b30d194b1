import { Octokit } from '@octokit/rest';
import { retry } from '@octokit/plugin-retry';
import { throttling } from '@octokit/plugin-throttling';
import { oneLine } from '../../domain/text.ts';
import { AuthDenied, RepositoryNotFound } from '../git/errors.ts';
import { NO_CREDENTIALS } from '../git/host.ts';
import { PullRequestClosed, PullRequestRefused } from './errors.ts';
import type { Forge, ForgeConfig, ForgePullRequest, GitCredentials, PullRequestOrder } from './index.ts';

/** A repository on GitHub. */
export interface Place {
  readonly owner: string;
  readonly repo: string;
}

interface Found extends ForgePullRequest {
  readonly title: string;
  readonly body: string;
}

const RATE_LIMIT_TRIES = 3;
const TOKEN_VARIABLE = 'SPEC_TO_PR_GIT_AUTHORIZATION';

/** GitHub and GitHub Enterprise. The token goes to its own host only, in a header, never into a URL or an argument. */
export function github(config: ForgeConfig): Forge {
  const octokit = githubClient(config);
  return {
    credentials: (url) => credentials(config, url),
    ensurePullRequest: (order) => named(order, () => ensure(octokit, order)),
    closePullRequest: async ({ repository, branch, marker }, note) => {
      const place = placeOf(repository.url);
      for (const found of await list(octokit, place, branch)) {
        if (!found.open || !found.body.includes(marker)) continue;
        await comment(octokit, { ...place, issue_number: found.number }, { note, marker });
        await octokit.rest.pulls.update({ ...place, pull_number: found.number, state: 'closed' });
      }
    },
  };
}

/** A client that waits out rate limits and repeats what failed on GitHub's side, or an impatient one, which fails at once. */
export function githubClient({
  apiUrl,
  token,
  retryAfterBaseValue,
  impatient = false,
}: Pick<ForgeConfig, 'apiUrl' | 'token' | 'retryAfterBaseValue'> & { readonly impatient?: boolean }): Octokit {
  const again = (retryAfter: number, ...rest: readonly unknown[]): boolean =>
    !impatient && Number(rest[2]) < RATE_LIMIT_TRIES && retryAfter <= 120;
  return new (Octokit.plugin(retry, throttling))({
    ...(apiUrl === undefined ? {} : { baseUrl: apiUrl }),
    ...(token === undefined ? {} : { auth: token }),
    ...(impatient ? { retry: { retries: 0 } } : {}),
    ...(retryAfterBaseValue === undefined ? {} : { retry: { retryAfterBaseValue } }),
    throttle: {
      onRateLimit: again,
      onSecondaryRateLimit: again,
      ...(retryAfterBaseValue === undefined ? {} : { retryAfterBaseValue }),
    },
    log: { debug: silent, info: silent, warn: silent, error: silent },
  });
}

const silent = (): void => undefined;

/** `owner/name` of an https or ssh URL. */
export function placeOf(url: string): Place {
  const [, owner, repo] =
    /^(?:[a-z+]+:\/\/[^/]+\/|[^/]+@[^/:]+:)(?:.*\/)?([\w.-]+)\/([\w.-]+?)(?:\.git)?\/?$/i.exec(url) ?? [];
  if (owner === undefined || repo === undefined)
    throw new RepositoryNotFound(`${url} is not the URL of a GitHub repository`);
  return { owner, repo };
}

function credentials({ apiUrl, token }: ForgeConfig, url: string): GitCredentials {
  if (token === undefined || !/^https?:/i.test(url)) return NO_CREDENTIALS;
  const home = new URL(apiUrl ?? 'https://github.com').host.replace(/^api\./, '');
  const { origin, host } = new URL(url);
  if (host !== home) return NO_CREDENTIALS;
  return {
    environment: {
      [TOKEN_VARIABLE]: `Authorization: Basic ${Buffer.from(`x-access-token:${token}`).toString('base64')}`,
    },
    arguments: [`--config-env=http.${origin}/.extraHeader=${TOKEN_VARIABLE}`],
  };
}

async function ensure(octokit: Octokit, order: PullRequestOrder): Promise<ForgePullRequest> {
  const place = placeOf(order.repository.url);
  const before = await find(octokit, place, order);
  if (before !== undefined) return update(octokit, place, { order, found: before });
  try {
    const { title, body, draft, branch, repository } = order;
    const { data } = await octokit.rest.pulls.create({
      ...place,
      head: branch,
      base: repository.base,
      title,
      body,
      draft,
    });
    return { number: data.number, url: data.html_url, headSha: data.head.sha, draft: data.draft ?? false, open: true };
  } catch (error) {
    const after = await find(octokit, place, order);
    if (after === undefined) throw error;
    return update(octokit, place, { order, found: after });
  }
}

/** The run's own pull request by its marker, else the open one of the same head and base. */
async function find(octokit: Octokit, place: Place, order: PullRequestOrder): Promise<Found | undefined> {
  const all = await list(octokit, place, order.branch);
  const found = all.find(({ body }) => body.includes(order.marker)) ?? all.find(({ open }) => open);
  if (found !== undefined && !found.open)
    throw new PullRequestClosed(`pull request ${found.url} was closed: reopen or delete its branch, then answer retry`);
  return found;
}

/** Comments unless the comment is there; one whose answer got lost is found by its hidden marker. */
async function comment(
  octokit: Octokit,
  thread: Place & { readonly issue_number: number },
  { note, marker }: { readonly note: string; readonly marker: string },
): Promise<void> {
  const said = async (): Promise<boolean> => {
    const comments = await octokit.paginate(octokit.rest.issues.listComments, { ...thread, per_page: 100 });
    return comments.some(({ body }) => body?.includes(marker));
  };
  if (await said()) return;
  try {
    // A repeated POST would say it twice: what is unclear is looked up instead.
    const body = `${note}\n\n${marker}`;
    await octokit.rest.issues.createComment({ ...thread, body, request: { retries: 0 } });
  } catch (error) {
    if (!(await said())) throw error;
  }
}

async function list(octokit: Octokit, place: Place, branch: string): Promise<readonly Found[]> {
  const pulls = await octokit.paginate(octokit.rest.pulls.list, {
    ...place,
    head: `${place.owner}:${branch}`,
    state: 'all',
    per_page: 100,
  });
  return pulls.map((pull) => ({
    number: pull.number,
    url: pull.html_url,
    headSha: pull.head.sha,
    draft: pull.draft ?? false,
    open: pull.state === 'open',
    title: pull.title,
    body: pull.body ?? '',
  }));
}

async function update(
  octokit: Octokit,
  place: Place,
  { order, found }: { order: PullRequestOrder; found: Found },
): Promise<ForgePullRequest> {
  const { title, body } = order;
  if (found.title !== title || found.body.trim() !== body.trim())
    await octokit.rest.pulls.update({ ...place, pull_number: found.number, title, body });
  const { number, url, headSha, draft, open } = found;
  return { number, url, headSha, draft, open };
}

/** GitHub's answers as errors that say what to do. */
async function named<T>({ repository }: PullRequestOrder, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const { status, message } = describeError(error);
    const place = repository.url;
    if (status === 401) throw new AuthDenied(`GitHub refuses the token for ${place}: check the variable that holds it`);
    if (status === 403 && !/rate limit/i.test(message))
      throw new AuthDenied(`GitHub denies access to ${place}: ${message}`);
    if (status === 404) throw new RepositoryNotFound(`${place} does not exist, or the token may not see it`);
    if (status === 422) throw new PullRequestRefused(`GitHub refuses the pull request in ${place}: ${message}`);
    throw error;
  }
}

function describeError(error: unknown): { status: number; message: string } {
  if (!(error instanceof Error) || !('status' in error) || typeof error.status !== 'number')
    return { status: 0, message: '' };
  return { status: error.status, message: oneLine(error.message, 300) };
}
