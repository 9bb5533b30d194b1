import { createHash } from 'node:crypto';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { oneLine } from '../domain/text.ts';
import { judge } from '../formats/judge.ts';
import type { CommandVerdict } from './gates/command.ts';
import { runToEnd } from './gates/run.ts';
import { withoutFolders } from './gates/text.ts';
import { verdictOn } from './gates/verdict.ts';
import type { Io } from './io.ts';
import type { CommandResult } from './process/run-command.ts';

export interface SetupOrder {
  readonly repository: string;
  readonly directory: string;
  readonly commands: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  /** Time for each command. */
  readonly seconds: number;
  /** Takes secrets out of what a command printed. */
  redact(text: string): string;
  /** The commit that the worktree holds as it is, ignored files aside. */
  cleanCommit(): Promise<string | undefined>;
}

/**
 * Makes a worktree ready, once: a marker beside it remembers, until the worktree is put back and that takes away what set-up
 * made. A set-up that fails is told as a verdict with its whole output as a file: the host's fault where that says so, else the
 * commit's, as a compile error.
 */
export async function setUp(order: SetupOrder, io: Io): Promise<CommandVerdict | undefined> {
  const done = markerOf(order.directory);
  const before = await readFile(done, 'utf8').catch(() => undefined);
  if (before !== undefined || order.commands.length === 0) return undefined;
  for (const run of order.commands) {
    io.progress(`setting up ${order.repository}: ${run}`);
    const { directory, environment, seconds } = order;
    const marker = `setup-${createHash('sha256').update(directory).digest('hex').slice(0, 24)}`;
    const ran = await runToEnd({ run, directory, environment, seconds, marker }, io);
    if (ran.exitCode !== 0) return failed(order, run, ran);
  }
  await writeFile(done, (await order.cleanCommit()) ?? '');
  return undefined;
}

/** To be called after a worktree was put back to a commit: set-up runs again where nothing, or not all, of it is left. */
export async function reconsiderSetUp(directory: string, commit: string | undefined): Promise<void> {
  const marker = markerOf(directory);
  const outlives = await readFile(marker, 'utf8').catch(() => '');
  if (commit === undefined || outlives !== commit) await rm(marker, { force: true });
}

// Holds the commit where set-up left nothing but ignored files, so that a worktree put back to it is still set up.
const markerOf = (directory: string): string => `${directory}.set-up`;

async function failed(
  { repository, directory, redact }: SetupOrder,
  command: string,
  ran: CommandResult,
): Promise<CommandVerdict> {
  const output = withoutFolders([directory])(redact(ran.output));
  const log = `${directory}.set-up.log`;
  await writeFile(log, output);
  const found = judge({ output, exitCode: ran.exitCode, timedOut: ran.timedOut, reports: [] });
  const judgement = {
    ...found,
    class: found.class === 'infra' || found.class === 'timeout' ? ('infra' as const) : ('compile_error' as const),
    why: `set-up "${oneLine(command, 80)}" failed: ${found.why}`,
  };
  return { ...verdictOn({ name: `${repository}:setup`, expected: [], found: 0, output, judgement }), files: [log] };
}
