import { ActivityCancellationType, proxyActivities } from '@temporalio/workflow';
import type { ActivityOptions } from '@temporalio/workflow';
import type { Activities } from '../activities/create.ts';
import type { EnvironmentChoice } from '../domain/environment.ts';
import { ACTIVITY_QUEUE } from './contract.ts';

/** Errors, by class name, that no retry helps with. */
const FINAL = [
  'SpecInvalid',
  'RepositoryNotFound',
  'AuthDenied',
  'BaseNotFound',
  'CommandNotStarted',
  'NonFastForward',
  'PushRefused',
  'PullRequestRefused',
  'PullRequestClosed',
  'AgentRejected',
  'UnknownAdapter',
  'SandboxUnavailable',
  'ArtifactTooLarge',
  'EngineMissing',
  'EnvironmentAbsent',
  'ServiceUnknown',
];

type Time = NonNullable<ActivityOptions['heartbeatTimeout']>;

function options({
  final = FINAL,
  ...times
}: {
  start: Time;
  all: Time;
  heartbeat: Time;
  retry: NonNullable<ActivityOptions['retry']>;
  final?: string[];
}): ActivityOptions {
  return {
    taskQueue: ACTIVITY_QUEUE,
    startToCloseTimeout: times.start,
    scheduleToCloseTimeout: times.all,
    heartbeatTimeout: times.heartbeat,
    cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
    retry: { ...times.retry, nonRetryableErrorTypes: final },
  };
}

const QUICK = { initialInterval: '1s', backoffCoefficient: 2, maximumInterval: '30s' };

/** Reads and small writes. */
export const light = proxyActivities<Activities>(
  options({ start: '2m', all: '15m', heartbeat: '1m', retry: { ...QUICK, maximumAttempts: 6 } }),
);
/** What people are told: tried until it is delivered or moot, however long a channel is away. */
export const telling = proxyActivities<Activities>({
  ...options({ start: '2m', all: '365 days', heartbeat: '1m', retry: { ...QUICK, maximumInterval: '10m' } }),
  cancellationType: ActivityCancellationType.TRY_CANCEL,
});
/** Comments that are waited for: between two looks nothing runs, and however many there are, history holds one. */
export const hearing = proxyActivities<Activities>({
  ...options({
    start: '2m',
    all: '3650 days',
    heartbeat: '1m',
    retry: { initialInterval: '1m', backoffCoefficient: 1 },
  }),
  cancellationType: ActivityCancellationType.TRY_CANCEL,
});
/** Replies to comments: one at a time, so that none is given twice; for about two hours. */
export const replying = proxyActivities<Activities>(
  options({
    ...{ start: '2m', all: '1 day', heartbeat: '1m' },
    retry: { ...QUICK, maximumInterval: '10m', maximumAttempts: 20 },
  }),
);
/** Clones and fetches. */
export const repository = proxyActivities<Activities>(
  options({ start: '15m', all: '1h', heartbeat: '1m', retry: { ...QUICK, maximumAttempts: 5 } }),
);
/** Agent sessions: bounded by time, not by attempts, because each worker restart spends one. */
export const agent = proxyActivities<Activities>(options({ start: '4h', all: '12h', heartbeat: '2m', retry: QUICK }));
/**
 * Checks, deployments and end-to-end runs: a red test is a result, and so is a fault of the host, so retries are for the rest. Each
 * lost or restarted worker spends one, so there are many; what keeps failing at once is at a person after eight minutes.
 */
export const gate = proxyActivities<Activities>(
  options({ start: '2h', all: '6h', heartbeat: '2m', retry: { ...QUICK, maximumAttempts: 20 } }),
);
/** Effects on the forge, keyed so that a retry finds what is there. */
export const effect = proxyActivities<Activities>(
  options({ start: '5m', all: '1h', heartbeat: '1m', retry: { ...QUICK, maximumAttempts: 8 } }),
);
const SHORTEST_TEARDOWN_SECONDS = 600;

/** A provider may use its time for the teardown, and as much for waiting that it is seen. */
export function teardownTime(environment: EnvironmentChoice): Pick<ActivityOptions, 'startToCloseTimeout'> {
  const seconds = 'seconds' in environment ? environment.seconds : 0;
  return { startToCloseTimeout: `${Math.max(SHORTEST_TEARDOWN_SECONDS, 2 * seconds + 300)} s` };
}

/** Clean-up: goes on until it is done. */
export const settling = proxyActivities<Activities>(
  options({ start: '10m', all: '24h', heartbeat: '1m', retry: QUICK }),
);
/** Clean-up that waits for a program that is missing as well: another host may have it, or this one get it back. */
export const insisting = proxyActivities<Activities>(
  options({
    ...{ start: '10m', all: '24h', heartbeat: '1m', retry: QUICK },
    final: FINAL.filter((type) => type !== 'EngineMissing'),
  }),
);
/** Clean-up that somebody comes back to. */
export const sweeping = proxyActivities<Activities>(
  options({ start: '10m', all: '2h', heartbeat: '1m', retry: QUICK }),
);
/** What is nice to have at once, and of no use later. */
export const brief = proxyActivities<Activities>(
  options({ start: '20s', all: '40s', heartbeat: '20s', retry: { ...QUICK, maximumAttempts: 2 } }),
);
