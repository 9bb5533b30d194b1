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
  const name = environmentName(run, attempt);
  let kept = false;
  try {
    const deployed = await gate.deploy.executeWithOptions({ activityId: `deploy:${attempt.number}`, summary }, [
      { ...at, repositories, limits, environment, name },
    ]);
    if (deployed.kind === 'failed') return deployed.result;
    const result = await gate.e2e.executeWithOptions({ activityId: `e2e:${attempt.number}`, summary }, [
      { ...at, repositories, limits, environment, e2e: project.e2e, deployment: deployed.deployment },
    ]);
    kept = run.roles.debugger !== undefined && result.result === 'failed' && result.failureClass !== 'infra';
    return kept ? { ...result, environment: { name, addresses: deployed.deployment.addresses } } : result;
  } finally {
    if (!kept) await release(project, name);
  }
}

/** Takes an environment away, also when the run is being cancelled. */
export async function release({ environment }: Project, name: string): Promise<void> {
  await CancellationScope.nonCancellable(() =>
    settling.release.executeWithOptions({ activityId: `release:${name}`, summary: name }, [{ environment, name }]),
  );
}

/** An environment that was taken for sick is followed by one of another name. */
function environmentName(run: Run, { number }: Attempt): string {
  const again = run.reprovisions === 0 ? '' : `-${run.reprovisions + 1}`;
  return `${run.workId}-${run.key.firstRunId.slice(0, 8)}-${number}${again}`;
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
