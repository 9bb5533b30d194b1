import { access, writeFile } from 'node:fs/promises';
import { oneLine, tail } from '../domain/text.ts';
import type { CommandVerdict } from './gates/command.ts';
import type { Io } from './io.ts';
import { runCommand } from './process/run-command.ts';

export interface SetupOrder {
  readonly repository: string;
  readonly directory: string;
  readonly commands: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly seconds: number;
}

/** Makes a worktree ready, once: a marker beside it remembers. A set-up that fails is infrastructure, told as a verdict. */
export async function setUp(order: SetupOrder, io: Io): Promise<CommandVerdict | undefined> {
  const marker = `${order.directory}.set-up`;
  const done = await access(marker).then(
    () => true,
    () => false,
  );
  if (done) return undefined;
  for (const command of order.commands) {
    io.progress(`setting up ${order.repository}: ${command}`);
    const ran = await runCommand(
      {
        file: '/bin/sh',
        arguments: ['-c', command],
        cwd: order.directory,
        environment: { ...order.environment, CI: 'true' },
        seconds: order.seconds,
      },
      io,
    );
    if (ran.exitCode !== 0)
      return failed(order.repository, command, {
        output: ran.output,
        how: ran.timedOut ? 'timed out' : `exit ${ran.exitCode ?? 'killed'}`,
      });
  }
  await writeFile(marker, '');
  return undefined;
}

function failed(repository: string, command: string, { output, how }: { output: string; how: string }): CommandVerdict {
  return {
    name: `${repository}:setup`,
    result: 'not_run',
    examined: 0,
    tests: null,
    why: `${repository}: set-up "${oneLine(command, 80)}" failed (${how}): ${oneLine(output.trim().split('\n').at(-1) ?? '')}`,
    failureClass: 'infra',
    fingerprint: '',
    findings: [],
    excerpt: tail(output, 4000),
    files: [],
  };
}
