/** Settings of every provider, by its kind. */
export interface EnvironmentSettings {
  readonly none: { readonly kind: 'none' };
  readonly process: { readonly kind: 'process' };
}

export type EnvironmentKind = keyof EnvironmentSettings;

/** A provider and its settings, from the project file. */
export type EnvironmentChoice<K extends EnvironmentKind = EnvironmentKind> = { [P in K]: EnvironmentSettings[P] }[K];

/** What an environment can be in. `sick`: all was up once and something is not any more. */
export const ENVIRONMENT_STATES = [
  'absent',
  'provisioning',
  'ready',
  'sick',
  'provisioning-failed',
  'deprovisioning',
  'deprovisioning-failed',
  'deprovisioned',
] as const;
export type EnvironmentState = (typeof ENVIRONMENT_STATES)[number];
