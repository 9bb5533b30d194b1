import type { Outcome } from '../domain/outcome.ts';
import { bestAttempt } from '../domain/progress.ts';
import { remotesOf } from '../domain/project.ts';
import type { Project } from '../domain/project.ts';
import type { PullRequest, Run } from '../domain/run.ts';
import { slim } from '../domain/slim.ts';
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
  const order = { run: slim(run), forge, attempt: attempt.number };
  const pullRequests: PullRequest[] = [];
  for (const repository of changed) pullRequests.push(await open(repository.key, pullRequests));
  // The last one was opened knowing all the others.
  for (const { key } of changed.slice(0, -1)) await open(key, pullRequests);
  return { kind: 'published', pullRequests };

  function open(repository: string, siblings: readonly PullRequest[]): Promise<PullRequest> {
    const options = { activityId: `pullRequest:${repository}`, summary: repository };
    return effect.pullRequest.executeWithOptions(options, [{ ...order, repository, siblings }]);
  }
}
