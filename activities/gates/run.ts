import { mkdir, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { Io } from '../io.ts';
import { MARKER, stopMarked } from '../process/marked.ts';
import { runCommand } from '../process/run-command.ts';
import type { CommandResult } from '../process/run-command.ts';

export interface ShellOrder {
  /** A shell command line. */
  readonly run: string;
  readonly directory: string;
  /** The whole environment besides CI. */
  readonly environment: Readonly<Record<string, string>>;
  readonly seconds: number;
  /** Names all processes of this command; no other command runs with it at the same time. */
  readonly marker: string;
  /** Folder for a file of its own. */
  readonly keep: string;
}

const GRACE_MS = 2000;
const POLL_MS = 100;
const MAX_OUTPUT_BYTES = 8 * 1024 * 1024;
// The exit code goes to a file, because the shell's own end shows only when all who hold its output are gone.
const WRAPPER = '/bin/sh -c "$0"; echo $? >"$1"';

/**
 * Runs a command line to its end and ends every process that it started, also one in a session of its own that still
 * holds its output. What a killed worker has left of an earlier try is ended before. Throws the signal's reason.
 */
export async function runToEnd(order: ShellOrder, io: Io): Promise<CommandResult> {
  const { marker, environment } = order;
  const exitFile = path.join(order.keep, `${marker}.exit`);
  await stopMarked(marker, 0);
  await mkdir(order.keep, { recursive: true });
  // What was just ended may have left its exit code: it is not this one's.
  await rm(exitFile, { force: true });
  if (environment['HOME'] !== undefined) await mkdir(environment['HOME'], { recursive: true });
  const returned = new AbortController();
  const freed = freeOutput({ order, exitFile, returned: returned.signal }, io);
  try {
    const ran = await runCommand(
      {
        file: '/bin/sh',
        arguments: ['-c', WRAPPER, order.run, exitFile],
        cwd: order.directory,
        environment: { ...environment, CI: 'true', [MARKER]: marker },
        seconds: order.seconds,
        maxBytes: MAX_OUTPUT_BYTES,
      },
      io,
    );
    return { ...ran, exitCode: ran.timedOut ? null : ((await readExit(exitFile)) ?? ran.exitCode) };
  } finally {
    returned.abort();
    await freed;
    await stopMarked(marker, GRACE_MS);
    await rm(exitFile, { force: true });
  }
}

/** Ends the processes that keep the output open when the command has ended, its time is over or the call is interrupted. */
async function freeOutput(
  { order, exitFile, returned }: { order: ShellOrder; exitFile: string; returned: AbortSignal },
  io: Io,
): Promise<void> {
  const deadline = Date.now() + order.seconds * 1000 + POLL_MS;
  while (!returned.aborted) {
    await wait(POLL_MS, undefined, { signal: returned }).catch(() => undefined);
    const over = io.signal.aborted || Date.now() > deadline || (await readExit(exitFile)) !== undefined;
    if (over && !returned.aborted) return stopMarked(order.marker, GRACE_MS);
  }
}

async function readExit(file: string): Promise<number | undefined> {
  const code = Number.parseInt(await readFile(file, 'utf8').catch(() => ''), 10);
  return Number.isNaN(code) ? undefined : code;
}
