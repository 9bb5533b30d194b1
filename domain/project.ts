import type { AnswerPolicy } from './comment-answer.ts';
import type { EnvironmentChoice } from './environment.ts';
import type { RepositoryKey } from './ids.ts';
import type { LeasePolicy } from './lease.ts';
import type { ProjectBudget } from './ledger.ts';
import type { Prices } from './prices.ts';
import type { Role } from './roles.ts';
import type { WaitingPolicies } from './waiting.ts';

export interface CheckCommand {
  readonly name: string;
  /** A shell command line. */
  readonly run: string;
  /** Report files (paths or globs in the worktree) that the command writes. */
  readonly reports: readonly string[];
}

export interface Repository {
  readonly key: RepositoryKey;
  /** https URL, ssh URL, or absolute path of a git repository. */
  readonly url: string;
  readonly base: string;
  readonly setup: readonly string[];
  readonly checks: readonly CheckCommand[];
  /** Starts the service in the foreground on $PORT; absent for libraries. */
  readonly start?: string;
  /** Path on the service that answers 2xx when it is ready. */
  readonly health: string;
}

export interface EndToEnd {
  /** Repository whose worktree holds the suite. */
  readonly repository: RepositoryKey;
  /** Absent where the provider's own `e2e` command is the suite. */
  readonly run?: string;
  readonly reports: readonly string[];
  readonly minTests: number;
  /** How often a red suite runs again on the same commits before the code is blamed. */
  readonly reruns: number;
}

/** Limits of a run, of each of its sessions and of its project. Money in USD, times in seconds. */
export interface Limits {
  readonly attempts: number;
  readonly usd: number;
  readonly tokens: number;
  readonly runSeconds: number;
  readonly agentSeconds: number;
  readonly agentSilenceSeconds: number;
  readonly agentTurns: number;
  readonly sessionUsd?: number;
  readonly sessionTokens?: number;
  /** Shared by all runs of the project. */
  readonly project?: ProjectBudget;
  /** Only tokens are limited: sessions of unknown cost stop nothing. */
  readonly unpriced?: 'allowed';
  /** Longest time that the work of a session is on its host alone. */
  readonly snapshotSeconds: number;
  readonly checkSeconds: number;
  readonly e2eSeconds: number;
  readonly healthSeconds: number;
  /** Waits before a gate that failed for infrastructure runs again; as many tries more as there are entries. */
  readonly infraBackoffSeconds: readonly number[];
}

export const DEFAULT_LIMITS: Limits = {
  attempts: 3,
  usd: 20,
  tokens: 20_000_000,
  runSeconds: 12 * 3600,
  agentSeconds: 3600,
  agentSilenceSeconds: 900,
  agentTurns: 100,
  snapshotSeconds: 180,
  checkSeconds: 600,
  e2eSeconds: 1800,
  healthSeconds: 60,
  infraBackoffSeconds: [5, 30],
};

export interface AgentChoice {
  readonly name: string;
  readonly model?: string;
  /** Adapter's own settings, e.g. `script` of the scripted agent. */
  readonly options: Readonly<Record<string, string>>;
}

/** The agent that plays a role, and as whom. */
export interface RoleChoice {
  readonly agent: AgentChoice;
  /** Name of a persona; the built-in one of the role when left out. */
  readonly persona?: string;
}

/** A role that is left out has no sessions. */
export type RoleChoices = { readonly developer: RoleChoice } & Readonly<Partial<Record<Role, RoleChoice>>>;
/** What a session's network reaches: everything, its model's provider only, or nothing. */
export type Network = 'open' | 'model' | 'none';

export interface DiagnosisPolicy {
  /** Commands that a debugger may run inside a service beside those that are known to only read; a last ` *` stands for any further words. */
  readonly commands: readonly string[];
}

/** What agent sessions are contained by. `auto` is bubblewrap where it works, else nothing. */
export interface SandboxChoice {
  readonly kind: 'auto' | 'bubblewrap' | 'container' | 'none';
  readonly network: Network;
  /** Files and folders that sessions may read beside the system's: absolute, or from `~/`, on the worker's host. */
  readonly reads: readonly string[];
  /** Hosts that `model` opens beside the provider's own, as `name` (port 443) or `name:port`. */
  readonly hosts: readonly string[];
  /** Of `container`. */
  readonly image?: string;
  /** Of `container`: the program that runs it. */
  readonly engine: string;
}

export const DEFAULT_SANDBOX: SandboxChoice = { kind: 'auto', network: 'open', reads: [], hosts: [], engine: 'docker' };

export interface ForgeChoice {
  readonly kind: string;
  /** API root, for GitHub Enterprise. */
  readonly apiUrl?: string;
  /** Name of the environment variable that holds the token; never the token. */
  readonly tokenEnv: string;
}

/** A channel that people are told on. */
export interface NotifierChoice {
  readonly name: string;
  /** The channel's own settings, e.g. `host` of a mail server; names of secrets, never secrets. */
  readonly options: Readonly<Record<string, string>>;
}

/** A channel on which a comment answers. */
export interface ListenerChoice extends NotifierChoice {
  readonly policy: AnswerPolicy;
  /** Shortest time between two looks. */
  readonly pollSeconds: number;
}

/** Where commits come from and go to. */
export interface Remotes {
  readonly forge: ForgeChoice;
  /** A git repository that keeps every step's commits on hidden refs, so that other hosts can go on. */
  readonly state?: string;
}

/** One `spec-to-pr.yaml`, validated, with paths made absolute and defaults filled in. */
export interface Project {
  readonly key: string;
  /** sha256 (hex) of the file's text. */
  readonly hash: string;
  /** In publishing order. */
  readonly repositories: readonly Repository[];
  readonly gates: readonly string[];
  readonly environment: EnvironmentChoice;
  readonly leases: LeasePolicy;
  readonly e2e?: EndToEnd;
  readonly roles: RoleChoices;
  readonly diagnosis: DiagnosisPolicy;
  readonly sandbox: SandboxChoice;
  readonly forge: ForgeChoice;
  /** A git repository that keeps every step's commits, for workers on other hosts. */
  readonly state?: string;
  readonly notifiers: readonly NotifierChoice[];
  /** Nobody's comments answer when absent. */
  readonly listener?: ListenerChoice;
  /** How long a question waits, and what then; for ever when absent. */
  readonly waiting?: WaitingPolicies;
  readonly prices?: Prices;
  readonly limits: Limits;
}

/** Where a project's commits come from and go to. */
export function remotesOf({ forge, state }: Pick<Project, 'forge' | 'state'>): Remotes {
  return { forge, ...(state === undefined ? {} : { state }) };
}
