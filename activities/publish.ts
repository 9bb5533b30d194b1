import { branchOf, markerOf, stepRefsOf } from '../domain/ids.ts';
import type { ForgeChoice } from '../domain/project.ts';
import type { PullRequestText } from '../domain/pull-request.ts';
import type { PullRequest, RunRepository } from '../domain/run.ts';
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
  readonly forge: ForgeChoice;
  readonly repository: RunRepository;
  readonly text: PullRequestText;
  readonly headSha: string;
  readonly draft: boolean;
}

/** Opens or updates one repository's pull request, its text without secrets. */
export async function pullRequest(ports: Ports, input: PullRequestInput, io: Io): Promise<PullRequest> {
  const { repository, headSha, draft } = input;
  const { marker, title, body, branch } = input.text;
  // The marker is what the pull request is found by: it stays as it is.
  const text = { branch, marker, title: ports.redact(title), body: body.split(marker).map(ports.redact).join(marker) };
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
  await port.closePullRequest({ repository, branch, marker: markerOf(key) }, ports.redact(note));
  const { url } = repository;
  const mirror = await freshMirror(ports, { store: { key, workId, remotes }, repository }, io);
  await deleteBranch(
    ports.git,
    { mirror, url, credentials: port.credentials(url), branch, own: `${stepRefsOf({ workId, key })}/` },
    io,
  );
}
