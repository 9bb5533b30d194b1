import type { Cord, SessionRecord } from './agent.ts';
import type { AnswerRecord } from './answer.ts';
import type { Shortage, Spending } from './budget.ts';
import type { Diagnosis } from './diagnosis.ts';
import type { GateResult, UpEnvironment } from './gate.ts';
import type { Commits, RepositoryKey, RunKey } from './ids.ts';
import type { PersonaRefs } from './persona.ts';
import type { Prices } from './prices.ts';
import type { Limits, RoleChoices } from './project.ts';
import type { Role } from './roles.ts';
import type { SpecSummary } from './spec.ts';
import type { Takeover } from './takeover.ts';

/** Where a run stands. `gate` indexes `Run.gates`. */
export type Step =
  | { readonly at: 'ingest' }
  | { readonly at: 'plan' }
  | { readonly at: 'implement' }
  | { readonly at: 'gate'; readonly gate: number }
  | { readonly at: 'diagnose' }
  | { readonly at: 'publish' }
  | { readonly at: 'escalated' }
  /** A person gets worktrees, works in them, and gives their commits back. `back` is where a retry goes. */
  | { readonly at: 'hand_over'; readonly back: Step }
  | { readonly at: 'taken_over' }
  | { readonly at: 'take_back'; readonly back: Step; readonly funds?: Funds }
  | { readonly at: 'ended' };

/** What a run may spend, and the costs that it does not know. */
export type Funds = Pick<Run, 'limits' | 'unpriced' | 'untold' | 'overdraft'>;

export type Ending = 'completed' | 'completed_draft' | 'partial' | 'aborted' | 'cancelled' | 'failed';

export interface PullRequest {
  readonly repository: RepositoryKey;
  readonly number: number;
  readonly url: string;
  readonly headSha: string;
  readonly draft: boolean;
}

/** A repository of the run: its base is pinned once, at planning. */
export interface RunRepository {
  readonly key: RepositoryKey;
  readonly url: string;
  readonly base: string;
  readonly baseCommit: string;
}

export interface Task {
  readonly id: string;
  readonly title: string;
  readonly after: readonly string[];
}

export interface DiffStat {
  readonly files: number;
  readonly insertions: number;
  readonly deletions: number;
}

/** What an agent step left behind. */
export interface Implementation extends SessionRecord {
  readonly summary: string;
  /** The person who made the commits; absent for an agent's. */
  readonly by?: string;
  readonly commits: Commits;
  /** Repositories whose commit differs from the run's base. */
  readonly changed: readonly RepositoryKey[];
  readonly diffs: Readonly<Record<RepositoryKey, DiffStat>>;
}

/** One pass: implement, then the gates in order. */
export interface Attempt {
  readonly number: number;
  readonly implementation: Implementation;
  readonly gates: readonly GateResult[];
  /** The gate that the environment kept from judging it, while that is so: shown to people, held against nobody. */
  readonly unjudged?: GateResult;
  /** Of its failure, where one was made. */
  readonly diagnosis?: Diagnosis;
}

export type TripReason =
  | 'attempts'
  | 'same_failure'
  | 'no_progress'
  | 'budget'
  | 'blocked'
  | 'infrastructure'
  | 'taken_over';

export interface Trip {
  readonly reason: TripReason;
  /** One sentence with the numbers. */
  readonly why: string;
  /** When it is tried again without an answer, in milliseconds since the epoch. */
  readonly until?: number;
  /** The limit that was hit, where it is none of the run's own. */
  readonly short?: Shortage;
}

/** A question to a person. The run waits for the answer for as long as it takes. */
export interface Escalation {
  /** `q1`, `q2`, … */
  readonly id: string;
  readonly trip: Trip;
  /** The step that a retry goes back to. */
  readonly back: Step;
  /** Milliseconds since the epoch. */
  readonly since: number;
}

/** A session's own request, with its reason. `at` in milliseconds since the epoch. */
export interface CordRecord {
  readonly role: Role;
  readonly cord: Cord;
  readonly why: string;
  readonly at: number;
}

export interface Parked {
  readonly until: number;
  readonly why: string;
}

export interface Run {
  readonly key: RunKey;
  readonly workId: string;
  readonly project: string;
  readonly projectHash: string;
  readonly roles: RoleChoices;
  readonly step: Step;
  readonly spec: SpecSummary | null;
  readonly repositories: readonly RunRepository[];
  readonly tasks: readonly Task[];
  /** Who plays the roles, pinned at planning. */
  readonly personas?: PersonaRefs | undefined;
  readonly gates: readonly string[];
  readonly limits: Limits;
  readonly attempts: readonly Attempt[];
  /** How many of them were made for a plan that another one has replaced. */
  readonly superseded?: number;
  readonly usd: number;
  readonly tokens: number;
  /** Sessions whose cost is unknown and that no person has accepted. */
  readonly unpriced?: readonly string[];
  /** Sessions that told neither tokens nor money and that no person has accepted. */
  readonly untold?: readonly string[];
  /** What people have granted beyond the project's budget. */
  readonly overdraft?: Spending;
  readonly prices?: Prices;
  /** Milliseconds since the epoch, from the workflow's clock. */
  readonly startedAt: number;
  readonly now: number;
  /** Milliseconds spent waiting for people; they cost no wall-clock budget. */
  readonly waited: number;
  /** The session waits for quota or budget until then (milliseconds since the epoch). */
  readonly parked?: Parked | undefined;
  /** The environment that is still up for whoever looks for the failure. */
  readonly environment: UpEnvironment | null;
  /** It stays up while people are asked. */
  readonly keepsEnvironment?: true;
  /** Andon cords that led to something else than an attempt. */
  readonly cords: readonly CordRecord[];
  /** How often an environment was taken for sick in the attempt at work. */
  readonly reprovisions: number;
  readonly escalation: Escalation | null;
  /** What a person works in, from the hand-over on. */
  readonly takeover?: Takeover | undefined;
  readonly answers: readonly AnswerRecord[];
  /** Publish what there is as drafts, by a person's decision. */
  readonly draft: boolean;
  readonly pullRequests: readonly PullRequest[];
  /** True from just before the first push on: from then there may be something to undo. */
  readonly publishing: boolean;
  readonly ending: Ending | null;
  /** One line: what is missing, when the ending is not `completed`. */
  readonly why: string;
}
