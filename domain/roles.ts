/** What sessions of a run are for: `developer` writes the change, `debugger` finds out why a gate failed. */
export const ROLES = ['developer', 'debugger'] as const;
export type Role = (typeof ROLES)[number];
