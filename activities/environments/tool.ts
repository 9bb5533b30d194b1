import { randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { oneLine } from '../../domain/text.ts';
import type { Io } from '../io.ts';
import { MARKER, stopMarked } from '../process/marked.ts';
import { CommandNotStarted, runCommand } from '../process/run-command.ts';
import type { Command, CommandResult } from '../process/run-command.ts';
import { EngineMissing, EnvironmentFault, ProviderTimedOut } from './errors.ts';
import { forgetCall, noteCall } from './unfinished.ts';

const GRACE_MS = 3000;
const KEPT_BYTES = 4 * 1024 * 1024;

export interface ToolCall extends Command {
  /** Names the call in messages, e.g. `docker compose up`. */
  readonly what: string;
  readonly seconds: number;
  /** File in which the call is noted while it is at work, for `endUnfinished`. */
  readonly noteIn?: string;
}

/**
 * Runs a provider's program; any exit code is a value. Its whole process tree ends with the time limit (ProviderTimedOut)
 * and with the signal. Throws EngineMissing when there is no such program.
 */
export async function callTool(call: ToolCall, io: Io): Promise<CommandResult> {
  const marker = randomUUID();
  const environment = { ...call.environment, [MARKER]: marker };
  const { noteIn } = call;
  const started = noteIn === undefined ? {} : { started: (pid: number) => noteCall(noteIn, { marker, pid }) };
  let ended = false;
  if (noteIn !== undefined) noteCall(noteIn, { marker });
  try {
    const result = await runCommand({ ...call, ...started, environment }, io);
    ended = !result.timedOut;
    if (result.timedOut) throw new ProviderTimedOut(call.what, call.seconds, result.output);
    return result;
  } catch (error) {
    if (error instanceof CommandNotStarted) throw new EngineMissing(error.message);
    throw error;
  } finally {
    if (!ended) await stopMarked(marker, GRACE_MS);
    if (noteIn !== undefined) await forgetCall(noteIn);
  }
}

export interface ShellCall {
  readonly what: string;
  /** A shell command line. */
  readonly run: string;
  readonly directory: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly seconds: number;
  /** As of a ToolCall. */
  readonly noteIn?: string;
}

/**
 * `callTool` for a command line of the user's. It may leave a process running that goes on writing: output goes through files,
 * not pipes, so the call ends with the command. `output` is stdout, then stderr, the last 4 MB of each.
 */
export async function callShell({ run, directory, ...call }: ShellCall, io: Io): Promise<CommandResult> {
  const folder = await callFolder(call.noteIn);
  const files = [path.join(folder, 'stdout'), path.join(folder, 'stderr')];
  const shell = ['-c', 'exec /bin/sh -c "$0" >"$1" 2>"$2"', run, ...files];
  try {
    await mkdir(call.environment['HOME'] ?? folder, { recursive: true });
    const result = await callTool({ ...call, file: '/bin/sh', arguments: shell, cwd: directory }, io);
    return { ...result, ...(await printed(files)) };
  } catch (error) {
    if (error instanceof ProviderTimedOut)
      throw new ProviderTimedOut(call.what, call.seconds, (await printed(files)).output);
    throw error;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Beside the note of the call where there is one: what a killed worker leaves goes with the environment. */
async function callFolder(noteIn: string | undefined): Promise<string> {
  if (noteIn === undefined) return mkdtemp(path.join(tmpdir(), 'spec-to-pr-call-'));
  await mkdir(path.dirname(noteIn), { recursive: true });
  return mkdtemp(path.join(path.dirname(noteIn), 'call-'));
}

async function printed(files: readonly string[]): Promise<Pick<CommandResult, 'stdout' | 'output'>> {
  const [stdout = '', stderr = ''] = await Promise.all(files.map((file) => readTail(file, KEPT_BYTES)));
  return { stdout, output: stdout + stderr };
}

/** The last `maxBytes` of a file; empty when it is not there. */
export async function readTail(name: string, maxBytes: number): Promise<string> {
  const file = await open(name).catch(() => undefined);
  if (file === undefined) return '';
  try {
    const { size } = await file.stat();
    const bytes = Buffer.alloc(Math.min(size, maxBytes));
    const { bytesRead } = await file.read(bytes, 0, bytes.length, size - bytes.length);
    return bytes.subarray(0, bytesRead).toString('utf8');
  } finally {
    await file.close();
  }
}

/** The named variables of the worker. Throws EnvironmentFault when it has one not. */
export function namedVariables(
  names: readonly string[],
  secret: (name: string) => string | undefined,
): Readonly<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const name of names) {
    const value = secret(name);
    if (value === undefined)
      throw new EnvironmentFault('credentials', `the worker has no variable "${name}", which "environment.env" names`);
    found[name] = value;
  }
  return found;
}

/** The last line of an output that says something. */
export function lastLine(output: string): string {
  return oneLine(output.trimEnd().slice(output.trimEnd().lastIndexOf('\n') + 1), 200);
}

/** The last `maxBytes` of a text. */
export function lastBytes(text: string, maxBytes: number): string {
  const bytes = Buffer.from(text);
  return bytes.subarray(Math.max(0, bytes.length - maxBytes)).toString('utf8');
}
