/** What a session may ask for by pulling the andon cord. */
export const CORDS = ['human', 'reprovision', 'already_done'] as const;
export type Cord = (typeof CORDS)[number];

/** How an agent session ended, judged by events and facts, never by prose. `done` is only the agent's claim. */
export type AgentEnd =
  | 'done'
  | 'incomplete_handoff'
  | 'blocked'
  | 'needs_human'
  | 'refused'
  | 'budget_exhausted'
  | 'quota_parked'
  | 'provider_down'
  | 'stalled'
  | 'crashed'
  | 'cancelled'
  | 'contract_violation';
