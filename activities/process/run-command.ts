import type { Readable } from 'node:stream';
import { setImmediate as poll } from 'node:timers/promises';
import { execa } from 'execa';
import type { Io } from '../io.ts';
import { keeper } from './kept.ts';
import type { Kept } from './kept.ts';

export interface Command {
  readonly file: string;
  readonly arguments?: readonly string[];
  readonly cwd?: string;
  /** The whole environment: nothing is inherited. */
  readonly environment: Readonly<Record<string, string>>;
  readonly input?: string;
  readonly seconds?: number;
  /** Most that is kept of stdout and of both together, each; without it 64 MB and 1 MB. */
  readonly maxBytes?: number;
  /** Hears of the pid as soon as the command runs. */
  started?(pid: number): void;
}

/** How a command ended. What is too large loses its middle, where a line says how much; nothing is killed for talking. */
export interface CommandResult {
  /** Null when it was killed or its time was over. */
  readonly exitCode: number | null;
  readonly stdout: string;
  /** Bytes that `stdout` has lost; nothing when it is whole. */
  readonly cutBytes?: number;
  /** Stdout and stderr as they came. */
  readonly output: string;
  /** Bytes that `output` has lost; nothing when it is whole. */
  readonly outputCutBytes?: number;
  readonly timedOut: boolean;
  readonly seconds: number;
}

/** The binary is missing or not executable. Final: no retry helps. */
export class CommandNotStarted extends Error {
  override readonly name = 'CommandNotStarted';
}

const MAX_STDOUT_BYTES = 64 * 1024 * 1024;
const MAX_OUTPUT_BYTES = 1024 * 1024;
const LAST_WORDS_MS = 1000;
const MAX_TIMER_MS = 2 ** 31 - 1;

/**
 * Runs one command until it ends itself, whatever it leaves running with its output. Any exit code is a value; throws
 * CommandNotStarted, or the signal's reason.
 */
export async function runCommand(command: Command, io: Pick<Io, 'signal'>): Promise<CommandResult> {
  const running = start(command, io.signal);
  if (running.pid !== undefined) command.started?.(running.pid);
  const stdout = keeper(command.maxBytes ?? MAX_STDOUT_BYTES);
  const output = keeper(command.maxBytes ?? MAX_OUTPUT_BYTES);
  const heard = listen([running.stdout, running.stderr], [[stdout, output], [output]]);
  running.nodeChildProcess.once('exit', () => void letGo(running, heard));
  const result = await running;
  if (io.signal.aborted) throw io.signal.reason;
  if (result.exitCode === undefined && result.signal === undefined && !result.timedOut)
    throw new CommandNotStarted(
      `cannot start "${command.file}"${command.cwd === undefined ? '' : ` in ${command.cwd}`}: ${result.originalMessage ?? 'unknown error'}`,
    );
  return {
    exitCode: result.timedOut ? null : (result.exitCode ?? null),
    stdout: stdout.text(),
    ...(stdout.cut() === 0 ? {} : { cutBytes: stdout.cut() }),
    output: output.text(),
    ...(output.cut() === 0 ? {} : { outputCutBytes: output.cut() }),
    timedOut: result.timedOut,
    seconds: result.durationMs / 1000,
  };
}

// The compiler is left to infer the type, which tells that there are no pipes to read when nothing started.
function start(command: Command, signal: AbortSignal) {
  return execa(command.file, command.arguments ?? [], {
    ...(command.cwd === undefined ? {} : { cwd: command.cwd }),
    env: command.environment,
    extendEnv: false,
    ...(command.input === undefined ? { stdin: 'ignore' as const } : { input: command.input }),
    ...(command.seconds === undefined ? {} : { timeout: Math.min(Math.ceil(command.seconds * 1000), MAX_TIMER_MS) }),
    reject: false,
    buffer: false,
    killDescendants: true,
    forceKillAfterDelay: 5000,
    cancelSignal: signal,
  });
}

/** Passes what each stream says on to its keepers; tells how many bytes came so far. */
function listen(streams: readonly Readable[], keepers: readonly (readonly Kept[])[]): () => number {
  let bytes = 0;
  for (const [index, stream] of streams.entries())
    stream.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      for (const kept of keepers[index] ?? []) kept.add(chunk);
    });
  return () => bytes;
}

/** Reads what an ended command has said, which is all in the pipes, and closes them: who else holds them is not waited for. */
async function letGo({ stdout, stderr }: ReturnType<typeof start>, heard: () => number): Promise<void> {
  const deadline = Date.now() + LAST_WORDS_MS;
  for (let before = -1; before !== heard() && Date.now() < deadline;) {
    before = heard();
    await poll();
    await poll();
  }
  stdout.destroy();
  stderr.destroy();
}
