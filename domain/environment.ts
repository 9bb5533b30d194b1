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
  'e2e',
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

export const COMPOSE_ENGINES = ['docker', 'podman', 'docker-compose'] as const;
export type ComposeEngine = (typeof COMPOSE_ENGINES)[number];

export interface ComposeSettings extends ProviderFiles {
  readonly kind: 'compose';
  /** Compose files, relative to the provider's folder; later ones override. */
  readonly files: readonly string[];
  readonly profiles: readonly string[];
  /** The first that is found on PATH when absent. */
  readonly engine?: ComposeEngine;
}

export interface KubernetesSettings extends ProviderFiles {
  readonly kind: 'kubernetes';
  /** Manifest files or folders, relative to the provider's folder; `${NAME}` of documented variables is filled in. */
  readonly manifests: readonly string[];
  /** A Helm chart instead of, or beside, manifests. */
  readonly chart?: HelmChart;
  /** Context of the kubeconfig; its current one when absent. */
  readonly context?: string;
  /** Command that makes the images of the commits available to the cluster. */
  readonly build?: string;
  /** Address by service, `${NAME}` filled in; ingresses and load balancers are found without. */
  readonly urls: Readonly<Record<string, string>>;
}

/** What each service of the `process` provider may use, all of its processes together; no cap where absent. */
export interface ProcessCaps {
  /** Resident memory, in MiB. */
  readonly memoryMb?: number;
  readonly processes?: number;
  /** CPU time of the processes that live. */
  readonly cpuSeconds?: number;
  /** Of each process. */
  readonly openFiles?: number;
}

export interface ProcessSettings extends ProcessCaps {
  readonly kind: 'process';
}

export interface HelmChart {
  readonly path: string;
  readonly values: readonly string[];
  /** `--set-string` values; `${NAME}` filled in. */
  readonly set: Readonly<Record<string, string>>;
}

/** Settings of every provider, by its kind. */
export interface EnvironmentSettings {
  readonly none: { readonly kind: 'none' };
  readonly process: ProcessSettings;
  readonly command: CommandSettings;
  readonly compose: ComposeSettings;
  readonly kubernetes: KubernetesSettings;
}

export type EnvironmentKind = keyof EnvironmentSettings;

/** True where an environment lives on the host that brought it up, and only that host can reach it. */
export function isHostBound(kind: EnvironmentKind): boolean {
  return kind === 'process' || kind === 'compose';
}

/** True where each service has a machine of its own, such as a container, apart from the host's. */
export function hasOwnMachines(kind: EnvironmentKind): boolean {
  return kind === 'compose' || kind === 'kubernetes';
}

/** A provider and its settings, from the project file. */
export type EnvironmentChoice<K extends EnvironmentKind = EnvironmentKind> = { [P in K]: EnvironmentSettings[P] }[K];

/** True where both settings name the same provider in the same place: what one has made, the other finds. */
export function isSamePlace(a: EnvironmentChoice, b: EnvironmentChoice): boolean {
  if (a.kind === 'kubernetes' && b.kind === 'kubernetes') return a.context === b.context;
  if (a.kind === 'compose' && b.kind === 'compose') return a.engine === b.engine;
  return a.kind === b.kind;
}

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
