import type { Outcome } from '../domain/outcome.ts';
import { bestAttempt } from '../domain/progress.ts';
import { remotesOf } from '../domain/project.ts';
import type { Project } from '../domain/project.ts';
import { pullRequestText } from '../domain/pull-request.ts';
import type { PullRequest, Run, RunRepository } from '../domain/run.ts';
import { publishProblem } from '../domain/verdict.ts';
import { effect } from './activities.ts';

/** Pushes every changed repository, then opens its pull request, then lets them name each other. */
export async function publish(run: Run, project: Project): Promise<Outcome> {
  const attempt = run.draft ? bestAttempt(run) : run.attempts.at(-1);
  if (attempt === undefined) return { kind: 'broken', why: 'there is no attempt to publish' };
  const { forge } = project;
  const remotes = remotesOf(project);
  const { commits } = attempt.implementation;
  const changed = run.repositories.filter(({ key }) => attempt.implementation.changed.includes(key));
  await Promise.all(
    changed.map((repository) =>
      effect.push.executeWithOptions({ activityId: `push:${repository.key}`, summary: repository.key }, [
        { key: run.key, workId: run.workId, remotes, repository, commit: commits[repository.key] ?? '' },
      ]),
    ),
  );
  const draft = run.draft || publishProblem(run, attempt) !== undefined;
  const open = (repository: RunRepository, siblings: readonly PullRequest[]): Promise<PullRequest> => {
    const { key } = repository;
    const text = pullRequestText(run, attempt, { repository: key, siblings });
    const order = { forge, repository, text, headSha: commits[key] ?? repository.baseCommit, draft };
    return effect.pullRequest.executeWithOptions({ activityId: `pullRequest:${key}`, summary: key }, [order]);
  };
  const pullRequests: PullRequest[] = [];
  for (const repository of changed) pullRequests.push(await open(repository, pullRequests));
  // The last one was opened knowing all the others.
  for (const repository of changed.slice(0, -1)) await open(repository, pullRequests);
  return { kind: 'published', pullRequests };
}
