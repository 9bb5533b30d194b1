import type { Io } from '../io.ts';
import { MARKER, stopMarked } from './marked.ts';
import { runCommand } from './run-command.ts';
import type { Command, CommandResult } from './run-command.ts';

const GRACE_MS = 2000;

/** `runCommand` of a command that has nothing to leave behind: what it started, found by this mark, ends with it. */
export async function runContained(
  { marker, ...command }: Command & { readonly marker: string },
  io: Pick<Io, 'signal'>,
): Promise<CommandResult> {
  try {
    return await runCommand({ ...command, environment: { ...command.environment, [MARKER]: marker } }, io);
  } finally {
    await stopMarked(marker, GRACE_MS);
  }
}
