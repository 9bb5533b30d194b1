import { sleep } from '@temporalio/workflow';
import type { Candidate } from '../activities/candidate.ts';
import { isHostBound } from '../domain/environment.ts';
import { isEnvironmental, notRun } from '../domain/gate.ts';
import type { GateResult } from '../domain/gate.ts';
import type { Commits } from '../domain/ids.ts';
import { remotesOf } from '../domain/project.ts';
import type { Limits, Project } from '../domain/project.ts';
import { nextTry } from '../domain/retry.ts';
import type { Attempt, Run } from '../domain/run.ts';
import { gate } from './activities.ts';
import type { Environments } from './environments.ts';
import { HOST_WAIT, onHost } from './on-host.ts';
import { placeOf } from './place.ts';
import type { Place } from './place.ts';

interface Scene {
  readonly run: Run;
  readonly attempt: Attempt;
  readonly project: Project;
  readonly place: Place;
}

type Gate = (scene: Scene) => Promise<GateResult>;

const GATES: Readonly<Record<string, Gate>> = { checks, e2e };

/** Runs one gate on the newest attempt. What the infrastructure kept from judging is tried again after durable waits before it counts. */
export async function runGate(
  run: Run,
  { project, environments }: { readonly project: Project; readonly environments: Environments },
  name: string,
): Promise<GateResult> {
  const attempt = run.attempts.at(-1);
  const judge = GATES[name];
  if (attempt === undefined || judge === undefined) throw new TypeError(`gate "${name}" cannot run`);
  const place = placeOf(run, environments);
  let isKept = false;
  try {
    const result = await judged(run.limits, place, () => judge({ run, attempt, project, place }));
    isKept = result.environment !== undefined;
    return result;
  } finally {
    if (!isKept) await place.leave();
  }
}

async function judged(limits: Limits, place: Place, judge: () => Promise<GateResult>): Promise<GateResult> {
  for (let times = 1; ; times += 1) {
    const result = await judge();
    const tries = { times, environments: place.names() };
    const next = nextTry(result, { waits: limits.infraBackoffSeconds, tries });
    if (next === undefined) return isEnvironmental(result) ? { ...result, tries } : result;
    await (next.environment === 'new' ? place.leave() : place.stay(next.seconds));
    await sleep(next.seconds * 1000);
  }
}

async function checks({ run, attempt, project }: Scene): Promise<GateResult> {
  const { repositories, limits } = project;
  const input = { ...candidate(run, attempt, project), repositories, limits };
  return gate.checks.executeWithOptions(
    { activityId: `checks:${attempt.number}`, summary: `attempt ${attempt.number}` },
    [input],
  );
}

async function e2e({ run, attempt, project, place }: Scene): Promise<GateResult> {
  const { repositories, limits, environment } = project;
  const at = candidate(run, attempt, project);
  const summary = `attempt ${attempt.number}`;
  const { name, ...lease } = await place.hold();
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
      lostWith(host, at.commits))
    : await gate.e2e.executeWithOptions(options, [input]);
  const wanted = run.roles.debugger !== undefined || project.leases.escalatedSeconds > 0;
  if (!wanted || result.result !== 'failed' || isEnvironmental(result)) return result;
  const { addresses } = deployed.deployment;
  return { ...result, environment: { name, addresses, ...(bound ? { host } : {}) } };
}

/** The environment went with the host that it was on. */
function lostWith(host: string, commits: Commits): GateResult {
  const why = `the host ${host}, where the environment is, took no work for ${HOST_WAIT}`;
  return { ...notRun('e2e', commits, why), failureClass: 'env_sick' };
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
