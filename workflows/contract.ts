import { SearchAttributeType, defineSearchAttributeKey } from '@temporalio/common';
import type { defineUpdate } from '@temporalio/workflow';
import type { QueryDefinition, SignalDefinition } from '@temporalio/common';
import type { Answer, ReceivedAnswer } from '../domain/answer.ts';
import type { Account, ReserveOrder, ReserveReply, SettleOrder } from '../domain/ledger.ts';
import type { Project } from '../domain/project.ts';
import type { Run } from '../domain/run.ts';
import type { SpecSource } from '../domain/spec.ts';

export const WORKFLOW_QUEUE = 'spec-to-pr';
export const ACTIVITY_QUEUE = 'spec-to-pr-activities';

/** One work item and the pinned project it is delivered in. `run` and `inbox` are carried by continue-as-new. */
export interface DeliverInput {
  readonly workId: string;
  readonly source: SpecSource;
  readonly project: Project;
  readonly run?: Run;
  readonly inbox?: readonly ReceivedAnswer[];
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

export const SpecProject = defineSearchAttributeKey('SpecProject', SearchAttributeType.KEYWORD);
export const SpecWorkId = defineSearchAttributeKey('SpecWorkId', SearchAttributeType.KEYWORD);
export const SpecPhase = defineSearchAttributeKey('SpecPhase', SearchAttributeType.KEYWORD);
export const SpecOutcome = defineSearchAttributeKey('SpecOutcome', SearchAttributeType.KEYWORD);
export const SpecFailureClass = defineSearchAttributeKey('SpecFailureClass', SearchAttributeType.KEYWORD);
/** What failed last, by its shown fingerprint: the same in every run that fails the same way. */
export const SpecFingerprint = defineSearchAttributeKey('SpecFingerprint', SearchAttributeType.KEYWORD);
export const SpecAttempts = defineSearchAttributeKey('SpecAttempts', SearchAttributeType.INT);
export const SpecCostUsd = defineSearchAttributeKey('SpecCostUsd', SearchAttributeType.DOUBLE);
export const SpecNeedsHuman = defineSearchAttributeKey('SpecNeedsHuman', SearchAttributeType.BOOL);

export const SEARCH_ATTRIBUTES = [
  SpecProject,
  SpecWorkId,
  SpecPhase,
  SpecOutcome,
  SpecFailureClass,
  SpecFingerprint,
  SpecAttempts,
  SpecCostUsd,
  SpecNeedsHuman,
];
