import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import type { Cord } from '../../../domain/agent.ts';
import { oneLine } from '../../../domain/text.ts';
import type { Ending } from '../conversation.ts';
import type { AgentTask } from '../index.ts';
import { andonCall } from './tool.ts';

const PROGRAM = fileURLToPath(new URL(`./server${path.extname(import.meta.url)}`, import.meta.url));

/** The command of the MCP server (stdio) that gives a session its andon cord. Starts nothing by itself. */
export function andonServer({ jobDirectory }: Pick<AgentTask, 'jobDirectory'>): {
  readonly command: string;
  readonly args: readonly string[];
} {
  return {
    command: process.execPath,
    args: ['--disable-warning=ExperimentalWarning', PROGRAM, cordsFile(jobDirectory)],
  };
}

/** Where the cords of a session are noted, one JSON line each: in its own HOME, for nothing else of the job is its to write. */
export function cordsFile(jobDirectory: string): string {
  return path.join(jobDirectory, 'home', 'cords.jsonl');
}

// The file lies in the session's HOME: what stands there is not to be trusted.
const calledWith = z.string().transform(parsed).pipe(andonCall);

const OVERRULED: readonly Ending['end'][] = ['done', 'blocked', 'needs_human', 'no_report', 'crashed'];

/** The ending that a pulled cord makes of a session's own. */
export async function withCord({ jobDirectory }: Pick<AgentTask, 'jobDirectory'>, ending: Ending): Promise<Ending> {
  if (!OVERRULED.includes(ending.end)) return ending;
  const text = await readFile(cordsFile(jobDirectory), 'utf8').catch(() => '');
  const [line] = text.split('\n');
  if (line === undefined || line === '') return ending;
  const call = calledWith.safeParse(line);
  return call.success ? pulled(ending, call.data.cord, call.data.reason) : ending;
}

/** The ending of a session that pulled a cord. `already_done` is a claim like `done`: every gate still judges it. */
export function pulled(ending: Ending, cord: Cord, reason: string): Ending {
  return { ...ending, end: cord === 'already_done' ? 'done' : 'blocked', cord, why: oneLine(reason, 400) };
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
