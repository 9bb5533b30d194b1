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

/** The candidate could not be brought up. Its own doing, not the host's: counts as a failed gate. */
export class DeployFailed extends Error {
  override readonly name = 'DeployFailed';
  readonly service: string;
  readonly logTail: string;
  constructor(service: string, why: string, logTail: string) {
    super(`service "${service}" ${why}`);
    this.service = service;
    this.logTail = logTail;
  }
}

/** All calls are idempotent by name. `destroy` returns when nothing of the environment runs any more. */
export interface EnvironmentProvider {
  deploy(request: DeployRequest, io: Io): Promise<Deployment>;
  /** Tail of each service's log, at most `maxBytes` each. */
  logs(name: string, maxBytes: number): Promise<Readonly<Record<RepositoryKey, string>>>;
  destroy(name: string): Promise<void>;
}
