import { branchOf, markerOf, stepRefsOf } from '../domain/ids.ts';
import type { ForgeChoice } from '../domain/project.ts';
import { pullRequestText } from '../domain/pull-request.ts';
import type { PullRequest, Run, RunRepository } from '../domain/run.ts';
import { publishProblem } from '../domain/verdict.ts';
import { freshMirror, mirrorWith } from './commits.ts';
import type { CommitStore } from './commits.ts';
import { deleteBranch, pushBranch } from './git/push.ts';
import type { Io } from './io.ts';
import type { Ports } from './ports.ts';

export interface PushInput extends CommitStore {
  readonly repository: RunRepository;
  readonly commit: string;
}

/** Puts the commit on the run's branch. A branch already there is a success, a branch of somebody else's an error. */
export async function push(ports: Ports, input: PushInput, io: Io): Promise<void> {
  const { url } = input.repository;
  await pushBranch(
    ports.git,
    {
      mirror: await mirrorWith(ports, { ...input, store: input }, io),
      url,
      credentials: ports.forge(input.remotes.forge).credentials(url),
      branch: branchOf(input.workId),
      sha: input.commit,
    },
    io,
  );
}

export interface PullRequestInput {
  readonly run: Run;
  readonly forge: ForgeChoice;
  /** Number of the attempt that is published. */
  readonly attempt: number;
  readonly repository: string;
  readonly siblings: readonly PullRequest[];
}

/** Opens or updates one repository's pull request. */
export async function pullRequest(ports: Ports, input: PullRequestInput, io: Io): Promise<PullRequest> {
  const { run } = input;
  const attempt = run.attempts.find(({ number }) => number === input.attempt);
  const repository = run.repositories.find(({ key }) => key === input.repository);
  if (attempt === undefined || repository === undefined)
    throw new TypeError(`attempt ${input.attempt} or repository "${input.repository}" is not in the run`);
  const text = pullRequestText(run, attempt, input);
  const headSha = attempt.implementation.commits[repository.key] ?? '';
  const draft = run.draft || publishProblem(run, attempt) !== undefined;
  const opened = await ports.forge(input.forge).ensurePullRequest({ ...text, repository, headSha, draft }, io);
  return {
    repository: repository.key,
    number: opened.number,
    url: opened.url,
    headSha: opened.headSha,
    draft: opened.draft,
  };
}

export interface WithdrawInput extends CommitStore {
  readonly repository: RunRepository;
  readonly note: string;
}

/** Closes the run's own pull request and removes its branch; what is not there is fine. */
export async function withdraw(
  ports: Ports,
  { key, workId, remotes, repository, note }: WithdrawInput,
  io: Io,
): Promise<void> {
  const port = ports.forge(remotes.forge);
  const branch = branchOf(workId);
  await port.closePullRequest({ repository, branch, marker: markerOf(key) }, note);
  const { url } = repository;
  const mirror = await freshMirror(ports, { store: { key, workId, remotes }, repository }, io);
  await deleteBranch(
    ports.git,
    { mirror, url, credentials: port.credentials(url), branch, own: `${stepRefsOf({ workId, key })}/` },
    io,
  );
}
