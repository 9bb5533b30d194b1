import { existsSync } from 'node:fs';
import { betaZodTool } from '@anthropic-ai/sdk/helpers/beta/zod';
import type { BetaRunnableTool } from '@anthropic-ai/sdk/lib/tools/BetaRunnableTool';
import { ToolError } from '@anthropic-ai/sdk/lib/tools/ToolError';
import { execa } from 'execa';
import { z } from 'zod';

/** Where and how the commands of a session run. */
export interface Shell {
  readonly directory: string;
  /** Longest time for one command. */
  readonly seconds: number;
  /** Variables of this process that a command gets otherwise (a value) or not at all (null). */
  readonly environment: Readonly<Record<string, string | null>>;
  /** Called at each piece of output. */
  onOutput(): void;
}

const HEAD = 10_000;
const TAIL = 20_000;
// What is in the pipe when the shell has ended arrives within this time; a background process may hold it open for ever.
const DRAIN_MS = 100;

/** The tool `bash`: one command in a shell of its own. What it leaves in the background lives on until the session ends. */
export function shellTool(shell: Shell): BetaRunnableTool {
  return betaZodTool({
    name: 'bash',
    description: `Run a command in a new shell, in the working folder. It is ended after ${shell.seconds} s, or earlier by "seconds". Long output loses its middle. Start servers with "&" and send their output to a file.`,
    inputSchema: z.object({ command: z.string().min(1), seconds: z.number().positive().optional() }),
    run: async ({ command, seconds }) => {
      const limit = Math.min(shell.seconds, seconds ?? Infinity);
      const { code, output, timedOut } = await runShell(command, { ...shell, seconds: limit });
      if (timedOut) throw new ToolError(`ended after ${limit} s\n${output}`);
      if (code !== 0) throw new ToolError(`exit code ${code ?? 'none'}\n${output}`);
      return output === '' ? 'no output' : output;
    },
  });
}

async function runShell(
  command: string,
  { directory, environment, seconds, onOutput }: Shell,
): Promise<{ code: number | null; output: string; timedOut: boolean }> {
  const kept = keeper();
  const child = execa(existsSync('/bin/bash') ? '/bin/bash' : '/bin/sh', ['-c', command], {
    cwd: directory,
    env: Object.fromEntries(Object.entries(environment).map(([name, value]) => [name, value ?? undefined])),
    ...{ stdin: 'ignore', all: true, buffer: false, reject: false, detached: true, cleanup: false },
  });
  child.all.on('data', (bytes: Buffer) => {
    kept.add(bytes);
    onOutput();
  });
  let timedOut = false;
  const timer = setTimeout(() => {
    timedOut = true;
    endGroup(child.pid);
  }, seconds * 1000);
  const code = await new Promise<number | null>((resolve) => {
    child.nodeChildProcess.once('exit', resolve);
    child.nodeChildProcess.once('error', () => resolve(null));
  });
  clearTimeout(timer);
  await Promise.race([child, new Promise((resolve) => setTimeout(resolve, DRAIN_MS))]);
  child.all.removeAllListeners('data').resume();
  return { code, output: kept.text(), timedOut };
}

function endGroup(pid: number | undefined): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}

/** Keeps the head and the tail of what it is given, in bounded memory. */
export function keeper(): { add(bytes: Buffer): void; text(): string } {
  let head = Buffer.alloc(0);
  let tail = Buffer.alloc(0);
  let total = 0;
  return {
    add(bytes) {
      total += bytes.length;
      const room = HEAD - head.length;
      head = Buffer.concat([head, bytes.subarray(0, room)]);
      const rest = Buffer.concat([tail, bytes.subarray(Math.min(room, bytes.length))]);
      tail = rest.subarray(Math.max(0, rest.length - TAIL));
    },
    text() {
      const cut = total - head.length - tail.length;
      const [first, last] = [head.toString('utf8'), tail.toString('utf8')];
      return cut === 0 ? first + last : `${first}\n… (${cut} bytes cut)\n${last}`;
    },
  };
}
