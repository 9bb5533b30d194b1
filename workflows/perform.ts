import { ActivityFailure, ApplicationFailure, isCancellation, sleep } from '@temporalio/workflow';
import type { ReceivedAnswer } from '../domain/answer.ts';
import type { SessionCost } from '../domain/budget.ts';
import type { Outcome } from '../domain/outcome.ts';
import { phaseOf } from '../domain/phase.ts';
import { remotesOf } from '../domain/project.ts';
import type { Run, Step } from '../domain/run.ts';
import { forDiagnosis, forPrompt } from '../domain/slim.ts';
import { oneLine } from '../domain/text.ts';
import { agent, light, repository } from './activities.ts';
import { ask } from './ask.ts';
import type { DeliverInput } from './contract.ts';
import { withBackoff } from './backoff.ts';
import type { Environments } from './environments.ts';
import { runGate } from './gates.ts';
import { onHost } from './on-host.ts';
import { publish } from './publish.ts';
import { handOver, takeBack } from './takeover.ts';

export interface Scene {
  readonly input: DeliverInput;
  readonly inbox: ReceivedAnswer[];
  readonly environments: Environments;
}

type Perform = (run: Run, scene: Scene) => Promise<Outcome>;

const STEPS: Readonly<Record<Exclude<Step['at'], 'ended'>, Perform>> = {
  ingest: async (run, { input }) => {
    const { workId, source, project } = input;
    const repositories = project.repositories.map(({ key }) => key);
    return light.ingest.executeWithOptions({ activityId: 'ingest', summary: source.name }, [
      { key: run.key, workId, source, repositories, reading: run.answers.length },
    ]);
  },
  plan: async (run, { input }) => {
    const { repositories, forge, roles, limits } = input.project;
    const wanted = run.spec?.repositories ?? [];
    const affected = repositories.filter(({ key }) => wanted.length === 0 || wanted.includes(key));
    const title = run.spec?.title ?? run.workId;
    return repository.plan.executeWithOptions({ activityId: 'plan', summary: `${affected.length} repositories` }, [
      { repositories: affected, forge, title, roles, maxTurns: limits.agentTurns },
    ]);
  },
  implement: async (run, { input }) => {
    const number = run.attempts.length + 1;
    const options = {
      activityId: `implement:${number}`,
      summary: `attempt ${number}, ${run.roles.developer.agent.name}`,
    };
    const setup = Object.fromEntries(
      input.project.repositories.filter((one) => one.setup.length > 0).map((one) => [one.key, one.setup]),
    );
    if (run.parked !== undefined) await untilQuota(run.parked.until);
    return withBackoff(run.limits, {
      act: () =>
        agent.implement.executeWithOptions(options, [
          { run: forPrompt(run), remotes: remotesOf(input.project), setup, sandbox: input.project.sandbox },
        ]),
      again: ({ kind }) => kind === 'broken',
    });
  },
  diagnose: async (run, { input, environments }) => {
    const { number } = run.attempts.at(-1) ?? { number: 0 };
    const options = { activityId: `diagnose:${number}`, summary: `attempt ${number}` };
    if (run.parked !== undefined) await untilQuota(run.parked.until);
    const { project } = input;
    const lease = run.environment === null ? {} : environments.leaseOf(run.environment.name);
    const order = {
      ...{ run: forDiagnosis(run), remotes: remotesOf(project), sandbox: project.sandbox, ...lease },
      ...(run.environment === null ? {} : { environment: project.environment, allowed: project.diagnosis.commands }),
    };
    const host = run.environment?.host;
    const there =
      host === undefined
        ? undefined
        : await onHost(host, (where) => agent.diagnose.executeWithOptions({ ...options, ...where }, [order]));
    // Without its environment a failure can still be looked into.
    return there ?? agent.diagnose.executeWithOptions(options, [order]);
  },
  gate: async (run, { input: { project }, environments }) => ({
    kind: 'gated',
    result: await runGate(run, { project, environments }, phaseOf(run)),
  }),
  publish: async (run, { input }) => publish(run, input.project),
  escalated: ask,
  hand_over: async (run, { input }) => handOver(run, input.project),
  taken_over: ask,
  take_back: async (run, { input }) => takeBack(run, input.project),
};

/** Does one step: an activity, a few, or a wait. Infrastructure that retries did not mend becomes an outcome; cancellation passes through. */
export async function perform(run: Run, scene: Scene): Promise<Outcome> {
  if (run.step.at === 'ended') throw new TypeError('the run has ended');
  try {
    return await STEPS[run.step.at](run, scene);
  } catch (error) {
    if (isCancellation(error) || !(error instanceof ActivityFailure)) throw error;
    const why = oneLine(`${error.activityType}: ${error.cause?.message ?? error.message}`, 500);
    const spent = spentBefore(error);
    return { kind: 'broken', why, ...(spent === undefined ? {} : { spent }) };
  }
}

/** What a session had spent that ended before its activity failed. */
function spentBefore({ cause }: Error): SessionCost | undefined {
  const detail: unknown = cause instanceof ApplicationFailure ? cause.details?.[0] : undefined;
  if (isCost(detail)) return detail;
  return cause instanceof Error ? spentBefore(cause) : undefined;
}

function isCost(value: unknown): value is SessionCost {
  if (typeof value !== 'object' || value === null || !('usd' in value && 'tokens' in value)) return false;
  return typeof value.usd === 'number' && typeof value.tokens === 'number';
}

/** With a jitter, so that parked runs do not all come back in the same second. */
async function untilQuota(until: number): Promise<void> {
  const wait = Math.max(0, until - Date.now());
  await sleep(wait + Math.random() * Math.min(60_000, wait / 10));
}
