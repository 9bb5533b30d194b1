import type { defineUpdate } from '@temporalio/workflow';
import type { QueryDefinition, SignalDefinition } from '@temporalio/common';
import type { Answer, ReceivedAnswer } from '../domain/answer.ts';
import type { EnvironmentChoice } from '../domain/environment.ts';
import type { Hosts } from '../domain/hosts.ts';
import type { Account, ReserveOrder, ReserveReply, SettleOrder } from '../domain/ledger.ts';
import type { Extension, Lease } from '../domain/lease.ts';
import type { Pool, PoolRequest } from '../domain/pool.ts';
import type { ListenOrder, ReplyOrder } from '../domain/listening.ts';
import type { Project } from '../domain/project.ts';
import type { Run } from '../domain/run.ts';
import type { SpecSource } from '../domain/spec.ts';

export const WORKFLOW_QUEUE = 'spec-to-pr';
export const ACTIVITY_QUEUE = 'spec-to-pr-activities';

/** What only the workers of one host can do. */
export function hostQueue(host: string): string {
  return `spec-to-pr-host-${host}`;
}

/** One work item and the pinned project it is delivered in. `run`, `inbox` and `ear` are carried by continue-as-new. */
export interface DeliverInput {
  readonly workId: string;
  readonly source: SpecSource;
  readonly project: Project;
  readonly run?: Run;
  readonly inbox?: readonly ReceivedAnswer[];
  readonly ear?: Ear;
}

/** What was heard in comments so far: what is listened for, and the replies that have not been given yet. */
export interface Ear {
  readonly order: ListenOrder | null;
  readonly unsaid: readonly ReplyOrder[];
}

export const DELIVER = 'deliver';
// Plain definitions: the client need not load the workflow library for them.
export const state = { type: 'query', name: 'state' } as QueryDefinition<Run>;
/** Validated and answered; refused with the reason when it makes no sense now. */
export const answer = { type: 'update', name: 'answer' } as ReturnType<typeof defineUpdate<string, [Answer]>>;
/** The same as the update, fire and forget: works while no worker is up. */
export const answerSignal = { type: 'signal', name: 'answer' } as SignalDefinition<[Answer]>;

/** The workflow that keeps the ledger of a project. */
export const BUDGET = 'budget';
export const account = { type: 'query', name: 'account' } as QueryDefinition<Account>;
export const reserveSession = { type: 'update', name: 'reserve' } as ReturnType<
  typeof defineUpdate<ReserveReply, [ReserveOrder]>
>;
export const settleSession = { type: 'update', name: 'settle' } as ReturnType<typeof defineUpdate<void, [SettleOrder]>>;

/** The workflow that holds one environment until nobody needs it, and erases it. */
export const LEASE = 'lease';
export const leaseState = { type: 'query', name: 'lease' } as QueryDefinition<Lease>;
export const extendLease = { type: 'signal', name: 'extend' } as SignalDefinition<[Extension]>;
/** The same, refused when the lease is not held any more. */
export const signOfLife = { type: 'update', name: 'extend' } as ReturnType<typeof defineUpdate<void, [Extension]>>;
/** Given up by this owner; whoever else has taken it over since keeps it. Without an owner it is given up in any case. */
export const releaseLease = { type: 'signal', name: 'release' } as SignalDefinition<[owner?: string]>;

/** Mended settings of the same provider: what is at work or waits is begun again with them. */
export const reorderLease = { type: 'signal', name: 'reorder' } as SignalDefinition<[EnvironmentChoice]>;
/** The settings by which the lease erases. */
export const leaseSettings = { type: 'query', name: 'settings' } as QueryDefinition<EnvironmentChoice>;

/** The workflow that keeps environments of a project ready. */
export const POOL = 'pool';
export const poolState = { type: 'query', name: 'pool' } as QueryDefinition<Pool>;
export const requestPool = { type: 'update', name: 'request' } as ReturnType<
  typeof defineUpdate<string | null, [PoolRequest]>
>;

/** The workflow that knows the hosts with workers. */
export const HOSTS = 'hosts';
/** Its id: no project's workflow has it. */
export const HOSTS_ID = 'spec-to-pr~hosts';
export const knownHosts = { type: 'query', name: 'hosts' } as QueryDefinition<Hosts>;
/** A worker of this host is up. */
export const hostSign = { type: 'signal', name: 'sign' } as SignalDefinition<[host: string]>;

/** The workflow that a schedule starts to look for environments that no lease holds. */
export const SWEEP = 'sweep';

/** The workflow, of seconds, that reads in the transcripts of another host. */
export const READ_TRANSCRIPTS = 'readTranscripts';
