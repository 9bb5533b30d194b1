import type { ReceivedAnswer } from './answer.ts';
import type { SessionCost, Spending } from './budget.ts';
import type { Diagnosis } from './diagnosis.ts';
import type { GateResult } from './gate.ts';
import type { PersonaRefs } from './persona.ts';
import type { Implementation, PullRequest, RunRepository, Task } from './run.ts';
import type { SpecSummary } from './spec.ts';
import type { Takeover } from './takeover.ts';

/** What a step reports back. `broken` is infrastructure that retries did not mend; `spent` is the cost of a session that had ended before. */
export type Outcome =
  | { readonly kind: 'ingested'; readonly spec: SpecSummary }
  | {
      readonly kind: 'planned';
      readonly repositories: readonly RunRepository[];
      readonly tasks: readonly Task[];
      readonly personas?: PersonaRefs;
    }
  | { readonly kind: 'implemented'; readonly implementation: Implementation }
  | { readonly kind: 'parked'; readonly until: number; readonly why: string }
  /** The project's budget is used up: the session was not started. It may be from `until` on, or with the grant in `short`. */
  | {
      readonly kind: 'unfunded';
      readonly until: number;
      readonly why: string;
      readonly short?: Partial<Spending>;
    }
  | { readonly kind: 'gated'; readonly result: GateResult }
  | { readonly kind: 'diagnosed'; readonly diagnosis: Diagnosis }
  | { readonly kind: 'published'; readonly pullRequests: readonly PullRequest[] }
  | { readonly kind: 'answered'; readonly answer: ReceivedAnswer }
  | { readonly kind: 'handed_over'; readonly takeover: Takeover }
  /** The person's commits cannot be taken: they stay at work. */
  | { readonly kind: 'not_taken_back'; readonly why: string }
  | { readonly kind: 'rejected'; readonly why: string }
  | { readonly kind: 'broken'; readonly why: string; readonly spent?: SessionCost }
  | { readonly kind: 'cancelled' };
