import { github } from './github.ts';
import { local } from './local.ts';
import type { GitHost } from '../git/host.ts';
import type { RunRepository } from '../../domain/run.ts';
import type { Io } from '../io.ts';

/** Extra git configuration that authenticates one URL. Values travel by environment, never by argument. */
export interface GitCredentials {
  readonly environment: Readonly<Record<string, string>>;
  readonly arguments: readonly string[];
}

export interface PullRequestOrder {
  readonly repository: RunRepository;
  readonly branch: string;
  readonly headSha: string;
  readonly title: string;
  /** Holds `marker`. */
  readonly body: string;
  readonly marker: string;
  readonly draft: boolean;
}

export interface ForgePullRequest {
  readonly number: number;
  readonly url: string;
  readonly headSha: string;
  readonly draft: boolean;
  readonly open: boolean;
}

export interface Forge {
  credentials(url: string): GitCredentials;
  /** Looks up by head branch and marker, creates or updates, looks up again: one open pull request whatever fails between. */
  ensurePullRequest(order: PullRequestOrder, io: Io): Promise<ForgePullRequest>;
  /** Closes an own pull request with a note; nothing to close is fine. */
  closePullRequest(order: Pick<PullRequestOrder, 'repository' | 'branch' | 'marker'>, note: string): Promise<void>;
}

export interface ForgeConfig {
  readonly stateHome: string;
  readonly git: GitHost;
  readonly apiUrl?: string;
  readonly token?: string;
  /** Milliseconds of the unit that waits before retries are counted in; tests make it short. */
  readonly retryAfterBaseValue?: number;
}

export const forges = { local, github } satisfies Record<string, (config: ForgeConfig) => Forge>;
