import { mkdir } from 'node:fs/promises';
import lockfile from 'proper-lockfile';

/** Runs `work` while no other process of this host holds the lock on `folder`. Parallel fetches and `worktree add` in one repository corrupt each other. */
export async function withLock<T>(folder: string, work: () => Promise<T>): Promise<T> {
  await mkdir(folder, { recursive: true });
  const release = await lockfile.lock(folder, {
    stale: 20_000,
    update: 5000,
    retries: { forever: true, minTimeout: 20, maxTimeout: 250, factor: 1.5, randomize: true },
    onCompromised: () => undefined,
  });
  try {
    return await work();
  } finally {
    await release().catch(() => undefined);
  }
}
