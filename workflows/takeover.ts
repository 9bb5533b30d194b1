import { ApplicationFailure, condition } from '@temporalio/workflow';
import type { Answer } from '../domain/answer.ts';
import type { Outcome } from '../domain/outcome.ts';
import { bestAttempt } from '../domain/progress.ts';
import { remotesOf } from '../domain/project.ts';
import type { Project } from '../domain/project.ts';
import type { Run } from '../domain/run.ts';
import { takeoverLines } from '../domain/takeover.ts';
import { repository } from './activities.ts';

/** Gives a person clones at the best attempt's commits. */
export async function handOver(run: Run, project: Project): Promise<Outcome> {
  const { question, by } = run.answers.at(-1) ?? { question: 'q?', by: undefined };
  return repository.handOver.executeWithOptions({ activityId: `handOver:${question}`, summary: question }, [
    {
      ...{ key: run.key, workId: run.workId, remotes: remotesOf(project), repositories: run.repositories, question },
      ...(by === undefined ? {} : { by }),
      commits: bestAttempt(run)?.implementation.commits ?? {},
    },
  ]);
}

/** Takes a person's commits as the next attempt's. */
export async function takeBack(run: Run, project: Project): Promise<Outcome> {
  const { question, by, refs = {} } = run.answers.at(-1) ?? { question: 'q?' };
  const { takeover } = run;
  if (takeover === undefined) return { kind: 'broken', why: 'nobody has taken the run over' };
  return repository.takeBack.executeWithOptions({ activityId: `takeBack:${question}`, summary: question }, [
    {
      ...{ key: run.key, workId: run.workId, remotes: remotesOf(project), repositories: run.repositories, takeover },
      ...{ refs, attempt: run.attempts.length + 1, ...(by === undefined ? {} : { by }) },
    },
  ]);
}

/** True while commits go to a person or come back: replies wait for it, so that the workflow cannot wait for them. */
export function isMovingCommits({ step }: Run): boolean {
  return step.at === 'hand_over' || step.at === 'take_back';
}

/** The reply to an accepted answer. Of a take-over and a resume it tells what came of them, as soon as that is known; a failed one is an error. */
export function reply({ decision }: Answer, current: () => Run): string | Promise<string> {
  const { escalation, answers } = current();
  const accepted = `${decision} accepted for ${escalation?.id ?? ''}`;
  if (decision !== 'take_over' && decision !== 'resume') return accepted;
  const over = (run: Run): boolean =>
    run.ending !== null || (run.answers.length > answers.length && !isMovingCommits(run));
  return condition(() => over(current())).then(() => {
    const run = current();
    const open = run.answers.length === answers.length + 1 ? run.escalation?.trip : undefined;
    if (open !== undefined && (open.reason === 'taken_over') === (decision === 'resume'))
      throw ApplicationFailure.nonRetryable(open.why, 'AnswerFailed');
    return [accepted, ...(decision === 'resume' ? [] : takeoverLines(run))].join('\n');
  });
}
