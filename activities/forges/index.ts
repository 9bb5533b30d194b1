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
