import { mkdir } from 'node:fs/promises';
import { setTimeout as wait } from 'node:timers/promises';
import lockfile from 'proper-lockfile';

/** A lock whose holder was killed is taken over after this long. */
const STALE_MS = 10_000;

/**
 * Runs `work` while no other process of this host holds the lock on `folder`, which is made when absent: parallel fetches and
 * `worktree add` in one repository corrupt each other. An abort ends the waiting with the signal's reason.
 */
export async function withLock<T>(folder: string, work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
  await mkdir(folder, { recursive: true });
  const release = await acquire(folder, signal);
  try {
    return await work();
  } finally {
    await release().catch(() => undefined);
  }
}

async function acquire(folder: string, signal: AbortSignal | undefined): Promise<() => Promise<void>> {
  for (;;) {
    if (signal?.aborted) throw signal.reason;
    try {
      return await lockfile.lock(folder, { stale: STALE_MS, update: 2000, onCompromised: () => undefined });
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'ELOCKED')) throw error;
    }
    await wait(20 + Math.random() * 100);
  }
}
