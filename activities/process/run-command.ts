import { execa } from 'execa';
import type { Io } from '../io.ts';

export interface Command {
  readonly file: string;
  readonly arguments?: readonly string[];
  readonly cwd?: string;
  /** The whole environment: nothing is inherited. */
  readonly environment: Readonly<Record<string, string>>;
  readonly input?: string;
  readonly seconds?: number;
  readonly maxBytes?: number;
  /** Hears of the pid as soon as the command runs. */
  started?(pid: number): void;
}

/** `output` is stdout and stderr as they came, its tail when larger than `maxBytes`; `exitCode` is null when killed. */
export interface CommandResult {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly output: string;
  readonly timedOut: boolean;
}

/** The binary is missing or not executable. Final: no retry helps. */
export class CommandNotStarted extends Error {
  override readonly name = 'CommandNotStarted';
}

/** Runs one short command to its end. Any exit code is a value; throws CommandNotStarted, or the signal's reason. */
export async function runCommand(command: Command, io: Pick<Io, 'signal'>): Promise<CommandResult> {
  const running = execa(command.file, command.arguments ?? [], {
    ...(command.cwd === undefined ? {} : { cwd: command.cwd }),
    env: command.environment,
    extendEnv: false,
    ...(command.input === undefined ? { stdin: 'ignore' as const } : { input: command.input }),
    ...(command.seconds === undefined ? {} : { timeout: command.seconds * 1000 }),
    all: true,
    reject: false,
    stripFinalNewline: false,
    killDescendants: true,
    forceKillAfterDelay: 5000,
    maxBuffer: 64 * 1024 * 1024,
    cancelSignal: io.signal,
  });
  if (running.pid !== undefined) command.started?.(running.pid);
  const result = await running;
  if (io.signal.aborted) throw io.signal.reason;
  if (result.exitCode === undefined && result.signal === undefined && !result.timedOut && !result.isMaxBuffer)
    throw new CommandNotStarted(
      `cannot start "${command.file}"${command.cwd === undefined ? '' : ` in ${command.cwd}`}: ${result.originalMessage ?? 'unknown error'}`,
    );
  const max = command.maxBytes ?? 1024 * 1024;
  return {
    exitCode: result.exitCode ?? null,
    stdout: result.stdout,
    output: result.all.slice(-max),
    timedOut: result.timedOut,
  };
}
