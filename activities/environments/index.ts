import { none } from './none.ts';
import { processes } from './processes.ts';
import type { Commits, RepositoryKey } from '../../domain/ids.ts';
import type { Io } from '../io.ts';

export interface ServiceRequest {
  readonly key: RepositoryKey;
  /** A worktree of exactly the candidate commit. */
  readonly directory: string;
  readonly start: string;
  /** Path that answers 2xx when ready. */
  readonly health: string;
}

export interface DeployRequest {
  /** Names the environment; the same name twice gives the same environment. */
  readonly name: string;
  readonly commits: Commits;
  readonly services: readonly ServiceRequest[];
  readonly healthSeconds: number;
}

/** `addresses` are base URLs by service; `variables` is what a test command gets in its environment. */
export interface Deployment {
  readonly name: string;
  readonly commits: Commits;
  readonly addresses: Readonly<Record<RepositoryKey, string>>;
  readonly variables: Readonly<Record<string, string>>;
}

/** All calls are idempotent by name. `destroy` returns when nothing of the environment runs any more. */
export interface EnvironmentProvider {
  deploy(request: DeployRequest, io: Io): Promise<Deployment>;
  /** Tail of each service's log, at most `maxBytes` each. */
  logs(name: string, maxBytes: number): Promise<Readonly<Record<RepositoryKey, string>>>;
  destroy(name: string): Promise<void>;
}

export interface EnvironmentConfig {
  /** Folder for records and logs. */
  readonly stateHome: string;
  /** What services get besides their own variables. */
  readonly environment: Readonly<Record<string, string>>;
}

export const environments = { none, process: processes } satisfies Record<
  string,
  (config: EnvironmentConfig) => EnvironmentProvider
>;
export type EnvironmentName = keyof typeof environments;
