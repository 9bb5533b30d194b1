import { rm } from 'node:fs/promises';
import type { EnvironmentChoice } from '../domain/environment.ts';
import type { RunKey } from '../domain/ids.ts';
import { EngineMissing, EnvironmentFault } from './environments/errors.ts';
import { runFolder } from './folders.ts';
import type { Io } from './io.ts';
import type { Ports } from './ports.ts';

export interface ReleaseInput {
  readonly environment: EnvironmentChoice;
  readonly name: string;
  /** Worktrees that go with it. */
  readonly worktrees?: RunKey;
  /** Nothing is done while this lease is there. */
  readonly unlessHeld?: string;
  /** Only what this host has made is meant: without the provider's program that is nothing, unless it has begun. */
  readonly ofThisHost?: boolean;
}

/**
 * Takes the environment down; returns when the provider says that it is gone, false when it is held. Throws EngineMissing when it cannot be
 * looked at and something may be there.
 */
export async function release(ports: Ports, input: ReleaseInput, io: Io): Promise<boolean> {
  const { environment, name, worktrees, unlessHeld, ofThisHost = false } = input;
  if (unlessHeld !== undefined && (await ports.leases.isHeld(unlessHeld))) return false;
  const provider = ports.environment(environment);
  try {
    await provider.destroy(name, io);
    const { state } = await provider.status(name, io);
    if (state !== 'absent' && state !== 'deprovisioned')
      throw new EnvironmentFault('provider', `the environment "${name}" is ${state} after it was destroyed`);
  } catch (error) {
    const nothing = error instanceof EngineMissing && ofThisHost && !(await provider.hasBegun(name));
    if (!nothing) throw error;
    io.progress(error.message);
  }
  if (worktrees !== undefined) await rm(runFolder(ports.home, worktrees), { recursive: true, force: true });
  return true;
}
