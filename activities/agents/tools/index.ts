import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { AgentTask } from '../index.ts';
import { ANDON } from './andon.ts';
import { toolFiles } from './files.ts';
import type { ToolFiles } from './files.ts';
import { INSPECT } from './inspect.ts';
import type { Inspectable } from './inspect.ts';

/** Name of the MCP server that a session is offered. */
export const SERVER = 'run';

const PROGRAM = fileURLToPath(new URL(`./server${path.extname(import.meta.url)}`, import.meta.url));

/** What the server is told, as its only argument. */
export interface ServerOrder {
  readonly files: ToolFiles;
  /** Absent where there is nothing to look into. */
  readonly inspect?: Inspectable;
}

type Told = Pick<AgentTask, 'jobDirectory' | 'inspect'>;

/** The command of the MCP server (stdio) with the tools that every session is offered. Starts nothing by itself. */
export function toolServer({ jobDirectory, inspect }: Told): {
  readonly command: string;
  readonly args: readonly string[];
} {
  const order: ServerOrder = { files: toolFiles(jobDirectory), ...(inspect === undefined ? {} : { inspect }) };
  return {
    command: process.execPath,
    args: ['--disable-warning=ExperimentalWarning', PROGRAM, JSON.stringify(order)],
  };
}

/** Names of the server's tools for a session. */
export function toolNames({ inspect }: Told): readonly string[] {
  return inspect === undefined ? [ANDON] : [ANDON, INSPECT];
}
