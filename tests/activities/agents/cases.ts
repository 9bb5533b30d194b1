import type { AgentEnd, Cord } from '../../../domain/agent.ts';
import type { AgentName, AgentReport, AgentTask } from '../../../activities/agents/index.ts';
import type { Fault } from '../../support/model/server.ts';

/** What an agent is made to do next, in no agent's own words. Files are relative to its folder. */
export type Act =
  | { readonly say: string }
  | { readonly write: string; readonly content: string }
  | { readonly run: string }
  | { readonly report: { readonly status: 'done' | 'blocked' | 'needs_human'; readonly reason?: string } }
  | { readonly andon: Pulled }
  | { readonly inspect: Inspecting }
  | { readonly fault: Fault }
  /** The provider says that the quota is used up, and there again in so many seconds. */
  | { readonly quota: number }
  /** The provider says that the conversation is too long. */
  | { readonly overflow: true };

export interface Inspecting {
  readonly service: string;
  readonly command: readonly string[];
}

export interface Pulled {
  readonly cord: Cord;
  readonly reason: string;
}

/** An adapter made ready to be told what to do. */
export interface Stage {
  readonly environment: Readonly<Record<string, string>>;
  readonly options: Readonly<Record<string, string>>;
  readonly model?: string;
  stop(): Promise<void>;
}

export interface Candidate {
  readonly name: AgentName;
  /** Cases that this agent cannot produce, and why. */
  readonly lacks: Partial<Record<CaseName, string>>;
  /** Cases that end in another way than the contract's, for the CLI notices by itself. */
  readonly otherwise?: Partial<Record<CaseName, AgentEnd>>;
  /** How long its CLI may take on a busy machine until it asks its model; added to the limits of time. 4 by default. */
  readonly startSeconds?: number;
  /** `acts` is asked again at every request: what it gives may change while a session runs. */
  prepare(acts: () => readonly Act[], scene: Setting): Promise<Stage>;
}

/** Where an agent will work: the folder it works in, and the one above. `first` is what it will be told at first. */
export interface Setting {
  readonly work: string;
  readonly folder: string;
  readonly first: readonly Act[];
}

/** Makes the agent fail or succeed in one way; the report must match `ends`. */
export interface Case {
  readonly acts: readonly Act[];
  readonly limits?: Partial<AgentTask['limits']>;
  readonly ends: Pick<AgentReport, 'end'> & Partial<AgentReport>;
  /** Seconds from now at which the report must say that there is quota again. */
  readonly quotaIn?: number;
}

/** The summary of every report that the suite has an agent give. */
export const SUMMARY = 'all done';
export const SECRET = 'sk-dummy-key-of-the-contract-suite';
/** Tells that it runs, and runs for a minute. */
export const LONG = "touch started; node -e 'setTimeout(()=>{}, 60000)'";

const edits = (count: number): readonly Act[] =>
  Array.from({ length: count }, (_, index) => ({ write: `${index}.txt`, content: 'x\n' }));
const fault = (given: Fault): readonly Act[] => [{ fault: given }];
const SILENT = { silenceSeconds: 1 };

/** Every way for a session to end that depends on the agent and its model alone. */
export const CASES = {
  done: {
    acts: [{ write: 'hello.txt', content: 'hello\n' }, { report: { status: 'done' } }],
    ends: { end: 'done', why: '', summary: SUMMARY },
  },
  blocked: {
    acts: [{ report: { status: 'blocked', reason: 'no schema of the table' } }],
    ends: { end: 'blocked', why: 'no schema of the table' },
  },
  'a question for a person': {
    acts: [{ report: { status: 'needs_human', reason: 'which of the two tables?' } }],
    ends: { end: 'needs_human', why: 'which of the two tables?' },
  },
  'andon cord': {
    acts: [{ andon: { cord: 'reprovision', reason: 'the disk is full' } }, { report: { status: 'done' } }],
    ends: { end: 'blocked', cord: 'reprovision', why: 'the disk is full' },
  },
  'no report': { acts: [{ say: 'I am done!' }, { say: 'Really!' }], ends: { end: 'contract_violation' } },
  refusal: { acts: fault('refusal'), ends: { end: 'refused' } },
  'refused key (401)': { acts: fault({ status: 401 }), ends: { end: 'needs_human' } },
  'used-up quota (429)': { acts: fault({ status: 429 }), ends: { end: 'quota_parked' } },
  'used-up quota with its reset time': { acts: [{ quota: 3600 }], ends: { end: 'quota_parked' }, quotaIn: 3600 },
  'server error (500)': { acts: fault({ status: 500 }), ends: { end: 'provider_down' } },
  'overloaded provider (529)': { acts: fault({ status: 529 }), ends: { end: 'provider_down' } },
  'dropped connection': { acts: fault('drop'), ends: { end: 'provider_down' } },
  'dropped stream': { acts: fault('cut'), ends: { end: 'provider_down' } },
  'garbage for an answer': { acts: fault('garbage'), ends: { end: 'provider_down' } },
  'answer without an end': { acts: fault('unfinished'), ends: { end: 'provider_down' } },
  'hang before the first byte': { acts: fault('silence'), limits: SILENT, ends: { end: 'stalled' } },
  'hang after the first byte': { acts: fault('stall'), limits: SILENT, ends: { end: 'stalled' } },
  'turn limit': { acts: edits(9), limits: { turns: 2 }, ends: { end: 'incomplete_handoff' } },
  'full context': { acts: [{ overflow: true }], ends: { end: 'incomplete_handoff' } },
  'time limit': { acts: [{ run: LONG }], limits: { seconds: 2 }, ends: { end: 'incomplete_handoff' } },
  'cost limit': { acts: edits(9), limits: { usd: 0.01 }, ends: { end: 'budget_exhausted' } },
  'token limit': {
    acts: Array.from({ length: 9 }, (_, index) => ({ run: `touch ${index}; sleep 2` })),
    limits: { tokens: 2500 },
    ends: { end: 'budget_exhausted' },
  },
} as const satisfies Record<string, Case>;

/** What is done to an agent's processes from outside, and how the session ends then. */
export const TREATMENTS = {
  crash: { ends: ['crashed'], told: 'killed with SIGKILL each time it works' },
  resume: { ends: ['done'], told: 'killed with SIGKILL once, it goes on with the same conversation' },
  orphans: {
    ends: ['done', 'crashed'],
    told: 'its CLI alone killed with SIGKILL: a child in a session of its own, listening on a port, ends too',
  },
  leftovers: { ends: ['done'], told: 'a server that it left behind in a session of its own ends with it' },
  're-attach': { ends: ['done'], told: 'left by one worker, found by the next' },
  cancel: { ends: ['cancelled'], told: 'stopped with all that it started' },
  inspection: { ends: ['done'], told: 'the tool `inspect` asks the worker to look into the environment' },
  parked: { ends: ['done'], told: 'called again after its quota was used up, it goes on' },
  transcript: { ends: ['done'], told: 'the same event names for every agent, and no secret' },
} as const satisfies Record<string, { readonly ends: readonly AgentEnd[]; readonly told: string }>;

export type Treatment = keyof typeof TREATMENTS;
export type CaseName = keyof typeof CASES | Treatment;

export interface Report {
  readonly status: string;
  readonly summary: string;
  readonly reason?: string;
}

/** The arguments of the report that an act is. */
export const REPORT = (act: Extract<Act, { report: object }>): Report => ({ summary: SUMMARY, ...act.report });
