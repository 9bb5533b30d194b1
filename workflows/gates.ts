import type { Candidate } from '../activities/candidate.ts';
import { isHostBound } from '../domain/environment.ts';
import { isEnvironmental, notRun } from '../domain/gate.ts';
import type { GateResult } from '../domain/gate.ts';
import { remotesOf } from '../domain/project.ts';
import type { Project } from '../domain/project.ts';
import type { Attempt, Run } from '../domain/run.ts';
import { gate } from './activities.ts';
import { withBackoff } from './backoff.ts';
import type { Environments } from './environments.ts';
import { HOST_WAIT, onHost } from './on-host.ts';

interface Scene {
  readonly run: Run;
  readonly attempt: Attempt;
  readonly project: Project;
  readonly environments: Environments;
}

type Gate = (scene: Scene) => Promise<GateResult>;

const GATES: Readonly<Record<string, Gate>> = { checks, e2e };

/** Runs one gate on the newest attempt. Infrastructure failures are tried again after a durable wait before they count. */
export async function runGate(
  run: Run,
  { project, environments }: Pick<Scene, 'project' | 'environments'>,
  name: string,
): Promise<GateResult> {
  const attempt = run.attempts.at(-1);
  const judge = GATES[name];
  if (attempt === undefined || judge === undefined) throw new TypeError(`gate "${name}" cannot run`);
  return withBackoff(run.limits, {
    act: () => judge({ run, attempt, project, environments }),
    again: isEnvironmental,
  });
}

async function checks({ run, attempt, project }: Scene): Promise<GateResult> {
  const { repositories, limits } = project;
  const input = { ...candidate(run, attempt, project), repositories, limits };
  return gate.checks.executeWithOptions(
    { activityId: `checks:${attempt.number}`, summary: `attempt ${attempt.number}` },
    [input],
  );
}

async function e2e({ run, attempt, project, environments }: Scene): Promise<GateResult> {
  const { repositories, limits, environment } = project;
  const at = candidate(run, attempt, project);
  const summary = `attempt ${attempt.number}`;
  const { name, ...lease } = await environments.hold(run);
  let kept = false;
  try {
    const deployed = await gate.deploy.executeWithOptions({ activityId: `deploy:${attempt.number}`, summary }, [
      { ...at, repositories, limits, environment, name, ...lease },
    ]);
    if (deployed.kind === 'failed') return deployed.result;
    const input = {
      ...{ ...at, repositories, limits, environment, e2e: project.e2e, deployment: deployed.deployment, ...lease },
      criteria: run.spec?.criteria.map(({ id }) => id) ?? [],
    };
    const options = { activityId: `e2e:${attempt.number}`, summary };
    const { host } = deployed;
    const bound = isHostBound(environment.kind);
    // Only the host that brought the environment up can reach it.
    const result = bound
      ? ((await onHost(host, (where) => gate.e2e.executeWithOptions({ ...options, ...where }, [input]))) ??
        notRun('e2e', at.commits, `the host ${host}, where the environment is, took no work for ${HOST_WAIT}`))
      : await gate.e2e.executeWithOptions(options, [input]);
    const wanted = run.roles.debugger !== undefined || project.leases.escalatedSeconds > 0;
    kept = wanted && result.result === 'failed' && !isEnvironmental(result);
    const { addresses } = deployed.deployment;
    return kept ? { ...result, environment: { name, addresses, ...(bound ? { host } : {}) } } : result;
  } finally {
    if (!kept) await environments.release(name);
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
