import { mkdir } from 'node:fs/promises';
import type { Io } from '../io.ts';
import { stopMarked } from '../process/marked.ts';
import type { CommandResult } from '../process/run-command.ts';
import { runContained } from '../process/run-contained.ts';

export interface ShellOrder {
  /** A shell command line. */
  readonly run: string;
  readonly directory: string;
  /** The whole environment besides CI. */
  readonly environment: Readonly<Record<string, string>>;
  readonly seconds: number;
  /** Names all processes of this command; no other command runs with it at the same time. */
  readonly marker: string;
}

const MAX_OUTPUT_BYTES = 8 * 1024 * 1024;
// A shell of its own, so that a command that a signal ended has the exit code that a shell gives it.
const WRAPPER = '/bin/sh -c "$0"; exit $?';

/**
 * Runs a command line to its end and ends every process that it started, also one in a session of its own that still
 * holds its output. What a killed worker has left of an earlier try is ended before. Throws the signal's reason.
 */
export async function runToEnd(order: ShellOrder, io: Io): Promise<CommandResult> {
  const { marker, environment } = order;
  await stopMarked(marker, 0);
  if (environment['HOME'] !== undefined) await mkdir(environment['HOME'], { recursive: true });
  return runContained(
    {
      file: '/bin/sh',
      arguments: ['-c', WRAPPER, order.run],
      cwd: order.directory,
      environment: { ...environment, CI: 'true' },
      seconds: order.seconds,
      maxBytes: MAX_OUTPUT_BYTES,
      marker,
    },
    io,
  );
}
