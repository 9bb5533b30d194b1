import { CancellationScope } from '@temporalio/workflow';
import type { Candidate } from '../activities/candidate.ts';
import type { GateResult } from '../domain/gate.ts';
import { remotesOf } from '../domain/project.ts';
import type { Project } from '../domain/project.ts';
import type { Attempt, Run } from '../domain/run.ts';
import { gate, settling } from './activities.ts';
import { withBackoff } from './backoff.ts';

type Gate = (scene: { run: Run; attempt: Attempt; project: Project }) => Promise<GateResult>;

const GATES: Readonly<Record<string, Gate>> = { checks, e2e };

/** Runs one gate on the newest attempt. Infrastructure failures are tried again after a durable wait before they count. */
export async function runGate(run: Run, project: Project, name: string): Promise<GateResult> {
  const attempt = run.attempts.at(-1);
  const judge = GATES[name];
  if (attempt === undefined || judge === undefined) throw new TypeError(`gate "${name}" cannot run`);
  return withBackoff(run.limits, {
    act: () => judge({ run, attempt, project }),
    again: ({ failureClass }) => failureClass === 'infra',
  });
}

async function checks({ run, attempt, project }: Parameters<Gate>[0]): Promise<GateResult> {
  const { repositories, limits } = project;
  const input = { ...candidate(run, attempt, project), repositories, limits };
  return gate.checks.executeWithOptions(
    { activityId: `checks:${attempt.number}`, summary: `attempt ${attempt.number}` },
    [input],
  );
}

async function e2e({ run, attempt, project }: Parameters<Gate>[0]): Promise<GateResult> {
  const { repositories, limits, environment } = project;
  const at = candidate(run, attempt, project);
  const summary = `attempt ${attempt.number}`;
  const name = `${run.workId}-${run.key.firstRunId.slice(0, 8)}-${attempt.number}`;
  try {
    const deployed = await gate.deploy.executeWithOptions({ activityId: `deploy:${attempt.number}`, summary }, [
      { ...at, repositories, limits, environment, name },
    ]);
    if (deployed.kind === 'failed') return deployed.result;
    return await gate.e2e.executeWithOptions({ activityId: `e2e:${attempt.number}`, summary }, [
      { ...at, repositories, limits, environment, e2e: project.e2e, deployment: deployed.deployment },
    ]);
  } finally {
    await CancellationScope.nonCancellable(() =>
      settling.release.executeWithOptions({ activityId: `release:${attempt.number}`, summary }, [
        { environment, name },
      ]),
    );
  }
}

function candidate(run: Run, attempt: Attempt, project: Project): Omit<Candidate, 'repositories' | 'limits'> {
  return {
    key: run.key,
    workId: run.workId,
    remotes: remotesOf(project),
    attempt: attempt.number,
    commits: attempt.implementation.commits,
    pinned: run.repositories,
  };
}
