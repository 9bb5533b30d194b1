import { setTimeout as wait } from 'node:timers/promises';
import type { Commits } from '../../domain/ids.ts';
import type { Io } from '../io.ts';
import { DeployFailed, DeployStale } from './errors.ts';
import { healthProblem } from './health.ts';

const POLL_MS = 250;
const POLLS_A_CHECK = 8;

export interface HealthWait {
  /** Base URLs by service. */
  readonly addresses: Readonly<Record<string, string>>;
  /** Path by service. */
  readonly health: Readonly<Record<string, string>>;
  readonly seconds: number;
  /** The service's log, for the error. */
  logOf(service: string): Promise<string>;
  /** Looked at from time to time while a service is not healthy; what it throws ends the wait. */
  check?(): Promise<void>;
}

/** Returns when each service with a health path answers 2xx. Throws DeployFailed after `seconds` for the first that does not. */
export async function untilHealthy(waits: HealthWait, io: Io): Promise<void> {
  const { addresses, health, seconds, logOf, check } = waits;
  const deadline = Date.now() + seconds * 1000;
  for (const [service, path] of Object.entries(health)) {
    const address = addresses[service];
    if (address === undefined)
      throw new DeployFailed(service, `has no address to ask for ${path}`, await logOf(service));
    for (let polls = 1; ; polls += 1) {
      io.signal.throwIfAborted();
      const problem = await healthProblem(address.replace(/\/$/, '') + path);
      if (problem === undefined) break;
      const isOver = Date.now() >= deadline;
      if (isOver || polls % POLLS_A_CHECK === 0) await check?.();
      if (isOver)
        throw new DeployFailed(
          service,
          `was not healthy after ${seconds} s (${problem} from ${path})`,
          await logOf(service),
        );
      await wait(POLL_MS, undefined, { signal: io.signal }).catch(() => undefined);
    }
  }
}

/** What each service with a health path says of itself: `healthy`, or what is wrong. */
export async function healthOf({
  addresses,
  health,
}: Pick<HealthWait, 'addresses' | 'health'>): Promise<Readonly<Record<string, string>>> {
  const asked = Object.entries(health).map(async ([service, path]): Promise<[string, string]> => {
    const address = addresses[service];
    if (address === undefined) return [service, 'no address'];
    return [service, (await healthProblem(address.replace(/\/$/, '') + path)) ?? 'healthy'];
  });
  return Object.fromEntries(await Promise.all(asked));
}

export interface CommitCheck {
  /** Names the environment in the error. */
  readonly where: string;
  readonly wanted: Commits;
  /** As read back, maybe shortened to seven digits or more. */
  readonly runs: Readonly<Record<string, string>>;
}

/** The wanted commits of the repositories that were read back. Throws DeployStale for one that runs another commit. */
export function expectCommits({ where, wanted, runs }: CommitCheck): Commits {
  for (const [repository, commit] of Object.entries(wanted)) {
    const seen = runs[repository];
    if (seen !== undefined && !isCommit(seen, commit))
      throw new DeployStale(where, repository, { runs: seen, wanted: commit });
  }
  return wanted;
}

/** Whether every wanted commit was read back as it is wanted. */
export function runsAll(wanted: Commits, runs: Readonly<Record<string, string>>): boolean {
  return Object.entries(wanted).every(([key, commit]) => isCommit(runs[key] ?? '', commit));
}

function isCommit(seen: string, commit: string): boolean {
  return seen.length >= 7 && commit.startsWith(seen);
}
