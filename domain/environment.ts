import type { RepositoryKey } from './ids.ts';

/** Verbs of the command contract. `deploy` and `destroy` are always there. */
export const COMMAND_VERBS = [
  'provision',
  'deploy',
  'resync',
  'swap_branch',
  'status',
  'list',
  'logs',
  'exec',
  'collect_logs',
  'destroy',
] as const;
export type CommandVerb = (typeof COMMAND_VERBS)[number];

/** What all providers with files of the user's share. */
export interface ProviderFiles {
  /** Absolute folder that the provider's files are in and its commands run in, unless `repository` is given. */
  readonly directory: string;
  /** Repository whose worktree at the candidate's commit holds the files instead. */
  readonly repository?: RepositoryKey;
  /** Names of variables of the worker that the provider's commands get; never values. */
  readonly env: readonly string[];
  /** Path by service that answers 2xx at the service's address when it is ready. */
  readonly health: Readonly<Record<string, string>>;
  /** Time for bringing an environment up, in seconds. */
  readonly seconds: number;
}

/** The user's own commands: shell command lines by verb. */
export interface CommandSettings extends ProviderFiles {
  readonly kind: 'command';
  readonly commands: Readonly<Partial<Record<CommandVerb, string>>>;
}

/** Settings of every provider, by its kind. */
export interface EnvironmentSettings {
  readonly none: { readonly kind: 'none' };
  readonly process: { readonly kind: 'process' };
  readonly command: CommandSettings;
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
