import type { PullRequest, Run } from './run.ts';
import { end } from './stop.ts';
import { publishProblem } from './verdict.ts';

/** The run's end once its pull requests are open: completed when they hold all of a proven attempt, else it says what is missing. */
export function published(run: Run, pullRequests: readonly PullRequest[]): Run {
  const attempt = run.attempts.find(({ implementation }) =>
    pullRequests.every((pr) => implementation.commits[pr.repository] === pr.headSha),
  );
  const done: Run = { ...run, pullRequests };
  const changed = attempt?.implementation.changed ?? [];
  const open = pullRequests.map((pr) => pr.repository);
  const without = changed.filter((key) => !open.includes(key));
  if (attempt?.implementation.cord === 'already_done' && changed.length === 0)
    return end(
      done,
      'partial',
      `nothing to publish: every gate passed, and the agent says ${attempt.implementation.why}`,
    );
  if (attempt === undefined || changed.length === 0)
    return end(done, 'partial', 'the pull requests hold other commits than any attempt');
  if (without.length > 0) return end(done, 'partial', `no pull request in ${without.join(', ')}`);
  const missing = publishProblem(run, attempt);
  if (run.draft) return end(done, 'completed_draft', missing ?? 'published as draft by decision');
  return missing === undefined ? end(done, 'completed', '') : end(done, 'partial', missing);
}
