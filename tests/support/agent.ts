import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import type { AgentReport, AgentTask } from '../../activities/agents/index.ts';
import type { Agent, AgentConfig } from '../../activities/agents/index.ts';
import type { Io } from '../../activities/io.ts';
import { readRecord } from '../../activities/process/job.ts';
import { findMarked } from '../../activities/process/marked.ts';
import { redactor } from '../../activities/redact.ts';
import { temporaryFolder } from './folder.ts';

/** A session that an adapter can run, in folders of its own. */
export interface AgentScene {
  readonly task: AgentTask;
  run(io?: Partial<Io>): Promise<AgentReport>;
  /** The transcript's events so far. */
  readonly folder: string;
}

export const KEY = 'sk-ant-dummy-key-of-the-test';

/** An order for one session with sensible limits, and the adapter that takes it. */
export async function agentScene(
  make: (config: AgentConfig) => Agent,
  given: {
    readonly options?: Readonly<Record<string, string>>;
    readonly environment?: Readonly<Record<string, string>>;
    readonly limits?: Partial<AgentTask['limits']>;
    readonly model?: string;
  },
): Promise<AgentScene> {
  const folder = await temporaryFolder();
  const directory = path.join(folder, 'work');
  await mkdir(directory);
  const environment = { PATH: process.env['PATH'] ?? '', HOME: folder, ...given.environment };
  const agent = make({ environment, redact: redactor([KEY]) });
  const task: AgentTask = {
    directory,
    prompt: 'Write a greeting.',
    role: 'developer' as const,
    attempt: 1,
    sessionId: crypto.randomUUID(),
    jobDirectory: path.join(folder, 'job'),
    ...(given.model === undefined ? {} : { model: given.model }),
    options: given.options ?? {},
    limits: { seconds: 60, silenceSeconds: 30, turns: 10, usd: 5, ...given.limits },
  };
  return {
    task,
    folder,
    run: (io = {}) => agent.run(task, { signal: new AbortController().signal, progress: () => undefined, ...io }),
  };
}

/** Pids of what is left of the given call of a session, from 1. */
export async function leftOver({ jobDirectory }: AgentTask, call = 1): Promise<readonly number[]> {
  const record = await readRecord(path.join(jobDirectory, `call-${call}`));
  return record === undefined ? [] : findMarked(record.marker);
}
