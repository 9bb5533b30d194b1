import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import type { Cord } from '../../../domain/agent.ts';
import { oneLine } from '../../../domain/text.ts';
import type { Ending } from '../conversation.ts';
import type { AgentTask } from '../index.ts';
import { andonCall } from './andon.ts';
import { toolFiles } from './files.ts';

// The file lies in the session's HOME: what stands there is not to be trusted.
const calledWith = z.string().transform(parsed).pipe(andonCall);

const OVERRULED: readonly Ending['end'][] = ['done', 'blocked', 'needs_human', 'no_report', 'crashed'];

/** The ending that a pulled cord makes of a session's own. */
export async function withCord({ jobDirectory }: Pick<AgentTask, 'jobDirectory'>, ending: Ending): Promise<Ending> {
  if (!OVERRULED.includes(ending.end)) return ending;
  const text = await readFile(toolFiles(jobDirectory).cords, 'utf8').catch(() => '');
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
