import type { ArtifactRef } from './ids.ts';
import type { Usage } from './prices.ts';

/** What a session may ask for by pulling the andon cord. */
export const CORDS = ['human', 'reprovision', 'already_done'] as const;
export type Cord = (typeof CORDS)[number];

/** How an agent session can end, judged by events and facts, never by prose. `done` is only the agent's claim. */
export const AGENT_ENDS = [
  'done',
  'incomplete_handoff',
  'blocked',
  'needs_human',
  'refused',
  'budget_exhausted',
  'quota_parked',
  'provider_down',
  'stalled',
  'crashed',
  'cancelled',
  'contract_violation',
] as const;
export type AgentEnd = (typeof AGENT_ENDS)[number];

/** What is kept of any session in the run: how it ended, what it cost, and where its texts are. */
export interface SessionRecord {
  readonly end: AgentEnd;
  /** One line: why it ended so; empty for `done`. */
  readonly why: string;
  /** The andon cord that the session pulled, if it did. */
  readonly cord?: Cord;
  readonly sessionId: string;
  readonly usd: number;
  readonly tokens: number;
  /** Nobody knows the price: `usd` is not what it has cost. */
  readonly unpriced?: true;
  /** It told neither tokens nor money, though it worked: nobody knows what it has cost. */
  readonly untold?: true;
  /** The tokens by kind, where the agent tells them apart. */
  readonly usage?: Usage;
  readonly turns: number;
  readonly seconds: number;
  readonly prompt: ArtifactRef;
  readonly transcript: ArtifactRef;
  /** Id of the host that held it, where its files are. */
  readonly host?: string;
}
