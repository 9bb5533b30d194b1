import type {
  EnvironmentChoice,
  EnvironmentKind,
  EnvironmentSettings,
  EnvironmentState,
} from '../../domain/environment.ts';
import type { Commits, RepositoryKey } from '../../domain/ids.ts';
import type { GitHost } from '../git/host.ts';
import type { Io } from '../io.ts';
import type { CutText } from '../process/kept.ts';
import type { CommandResult } from '../process/run-command.ts';
import { command } from './command/provider.ts';
import { compose } from './compose/provider.ts';
import { kubernetes } from './kubernetes/provider.ts';
import { none } from './none.ts';
import { processes } from './process/provider.ts';

export interface ServiceRequest {
  readonly key: RepositoryKey;
  /** A worktree of exactly the candidate commit. */
  readonly directory: string;
  readonly start: string;
  /** Path that answers 2xx when ready. */
  readonly health: string;
}

/** An empty environment. */
export interface ProvisionRequest {
  /** Names the environment; the same name twice gives the same environment. */
  readonly name: string;
  /** Whom it belongs to, e.g. a workflow id: kept with the environment for whoever cleans up. */
  readonly owner: string;
  /** A worktree of exactly the candidate commit for each repository, also those without a service. */
  readonly directories: Readonly<Record<RepositoryKey, string>>;
  readonly commits: Commits;
}

export interface DeployRequest extends ProvisionRequest {
  readonly services: readonly ServiceRequest[];
  readonly healthSeconds: number;
}

/** `addresses` are base URLs by service; `variables` is what a test command gets in its environment. */
export interface Deployment {
  readonly name: string;
  readonly commits: Commits;
  readonly addresses: Readonly<Record<string, string>>;
  readonly variables: Readonly<Record<string, string>>;
}

/** An environment as the provider sees it now. */
export interface EnvironmentStatus {
  readonly name: string;
  readonly state: EnvironmentState;
  /** Commits that the provider reads back, maybe shortened; a repository that it cannot tell is left out, and what is no commit's says so. */
  readonly commits: Commits;
  readonly addresses: Readonly<Record<string, string>>;
  /** What each service is doing, in a word or a line. */
  readonly services: Readonly<Record<string, string>>;
  /** What the last deployment gave, as far as this host or the provider remembers it; never proof of what runs. */
  readonly deployed?: Pick<Deployment, 'commits' | 'variables'>;
}

/** When a window of logs begins. */
export interface LogMark {
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** What `logPositions` gave then, from providers that have it. */
  readonly positions?: Readonly<Record<string, number>>;
}

export interface LogRequest {
  readonly name: string;
  /** Most that is given of each service. */
  readonly maxBytes: number;
  /** Only what was written from then on; of too much of that the middle is cut. Without it the end of each log is given. */
  readonly since?: LogMark;
}

/** An environment that is there, for whoever looks for those without an owner. */
export interface EnvironmentEntry {
  readonly name: string;
  /** Empty where the provider cannot tell. */
  readonly owner: string;
  /** Where the list itself tells it. */
  readonly state?: EnvironmentState;
}

export interface SuiteOrder {
  readonly name: string;
  readonly repository: RepositoryKey;
  readonly commit: string;
  /** Worktree of that commit, in which the reports are looked for. */
  readonly directory: string;
}

/** A shell command line, to be run in the worktree of the suite, and the variables that it gets. */
export interface Suite {
  readonly run: string;
  readonly environment: Readonly<Record<string, string>>;
}

export interface ExecRequest {
  readonly name: string;
  readonly service: string;
  /** A shell command line. */
  readonly run: string;
  readonly seconds: number;
  /** Paths in it that must not lead out of the service's folder, where that is on the host itself. */
  readonly within?: readonly string[];
}

/**
 * All calls are idempotent by name. Throws DeployFailed for the candidate's fault, DeployStale when other commits run than
 * were deployed, EnvironmentFault for the provider's or the host's.
 */
export interface EnvironmentProvider {
  /** Makes the environment without a candidate where the provider can; `deploy` does so by itself when needed. */
  provision(request: ProvisionRequest, io: Io): Promise<EnvironmentStatus>;
  /** Returns when all services are up and healthy on these commits. */
  deploy(request: DeployRequest, io: Io): Promise<Deployment>;
  status(name: string, io: Io): Promise<EnvironmentStatus>;
  /** What each service wrote in the window, empty when that is nothing. No services for an environment that is not there. */
  logs(request: LogRequest, io: Io): Promise<Readonly<Record<string, CutText>>>;
  /** Where each service's log ends now, where what it wrote cannot be told by its time. */
  logPositions?(name: string): Promise<Readonly<Record<string, number>>>;
  /** Runs a command line inside a service; any exit code is a value. Throws EnvironmentAbsent or ServiceUnknown. */
  exec(request: ExecRequest, io: Io): Promise<CommandResult>;
  /** The provider's own end-to-end suite, where it has one. */
  suite?(order: SuiteOrder): Promise<Suite>;
  /** Environments of this provider that bear the mark of this product. */
  list(io: Io): Promise<readonly EnvironmentEntry[]>;
  /** Returns when nothing of the environment is left. */
  destroy(name: string, io: Io): Promise<void>;
  /** Whether this host has begun to make it and has not seen it gone: asked where `destroy` cannot look for want of its program. */
  hasBegun(name: string): Promise<boolean>;
}

export interface EnvironmentConfig {
  /** Folder for records and logs. */
  readonly stateHome: string;
  /** What services and the user's commands get besides their own variables. */
  readonly environment: Readonly<Record<string, string>>;
  /** What engines and cluster tools get: the same, and where their configuration is. */
  readonly toolEnvironment: Readonly<Record<string, string>>;
  readonly git: GitHost;
  /** The value behind the name of a variable of the worker. */
  secret(name: string): string | undefined;
}

type Factory<K extends EnvironmentKind> = (
  config: EnvironmentConfig,
  settings: EnvironmentSettings[K],
) => EnvironmentProvider;

export const environments: { readonly [K in EnvironmentKind]: Factory<K> } = {
  none,
  process: processes,
  command,
  compose,
  kubernetes,
};

/** The provider that a project asks for. */
export function openEnvironment<K extends EnvironmentKind>(
  choice: EnvironmentChoice<K>,
  config: EnvironmentConfig,
): EnvironmentProvider {
  const factory: Factory<K> = environments[choice.kind as K];
  return factory(config, choice);
}
