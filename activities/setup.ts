import { createHash } from 'node:crypto';
import { access, writeFile } from 'node:fs/promises';
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
}

/**
 * Makes a worktree ready, once: a marker beside it remembers. A set-up that fails is told as a verdict: the host's fault where
 * its output says so, else the commit's, as a compile error.
 */
export async function setUp(order: SetupOrder, io: Io): Promise<CommandVerdict | undefined> {
  const done = `${order.directory}.set-up`;
  const before = await access(done).then(
    () => true,
    () => false,
  );
  if (before) return undefined;
  for (const run of order.commands) {
    io.progress(`setting up ${order.repository}: ${run}`);
    const { directory, environment, seconds } = order;
    const marker = `setup-${createHash('sha256').update(directory).digest('hex').slice(0, 24)}`;
    const ran = await runToEnd({ run, directory, environment, seconds, marker }, io);
    if (ran.exitCode !== 0) return failed(order, run, ran);
  }
  await writeFile(done, '');
  return undefined;
}

function failed({ repository, directory, redact }: SetupOrder, command: string, ran: CommandResult): CommandVerdict {
  const output = withoutFolders([directory])(redact(ran.output));
  const found = judge({ output, exitCode: ran.exitCode, timedOut: ran.timedOut, reports: [] });
  const judgement = {
    ...found,
    class: found.class === 'infra' || found.class === 'timeout' ? ('infra' as const) : ('compile_error' as const),
    why: `set-up "${oneLine(command, 80)}" failed: ${found.why}`,
  };
  return { ...verdictOn({ name: `${repository}:setup`, expected: [], found: 0, output, judgement }), files: [] };
}
