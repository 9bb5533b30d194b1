import { mkdir, mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { agents } from '../../../activities/agents/index.ts';
import type { AgentReport, AgentTask } from '../../../activities/agents/index.ts';
import type { Io } from '../../../activities/io.ts';
import { readRecord } from '../../../activities/process/job.ts';
import type { JobRecord } from '../../../activities/process/job.ts';
import { findMarked } from '../../../activities/process/marked.ts';
import { redactor } from '../../../activities/redact.ts';
import { SECRET } from './cases.ts';
import type { Act, Candidate } from './cases.ts';
import { sandboxIn } from '../../support/sandbox.ts';

export interface Scene {
  readonly task: AgentTask;
  run(io?: Partial<Io>, changes?: Partial<AgentTask>): Promise<AgentReport>;
  /** Has the model do these from now on. */
  direct(acts: readonly Act[]): void;
  /** How often the agent has asked what to do. */
  asked(): number;
  /** Records of the calls so far. */
  records(): Promise<readonly JobRecord[]>;
  /** Pids of what lives of all calls. */
  living(): Promise<readonly number[]>;
  /** Ends what still runs, and removes the folders. */
  stop(): Promise<void>;
}

/** An agent in a folder of its own that will be told `acts`. */
export async function setUp(
  candidate: Candidate,
  acts: readonly Act[],
  { seconds = 60, silenceSeconds = 30, ...limits }: Partial<AgentTask['limits']> = {},
): Promise<Scene> {
  const folder = await realpath(await mkdtemp(path.join(tmpdir(), 'spec-to-pr-test-')));
  const work = path.join(folder, 'work');
  await mkdir(work);
  const start = candidate.startSeconds ?? 4;
  let current = acts;
  let asked = 0;
  const ask = (): readonly Act[] => {
    asked += 1;
    return current;
  };
  const stage = await candidate.prepare(ask, { work, folder, first: acts });
  const environment = { PATH: process.env['PATH'] ?? '', HOME: folder, ...stage.environment };
  const agent = agents[candidate.name]({ environment, redact: redactor([SECRET]), sandbox: sandboxIn(folder) });
  const task: AgentTask = {
    ...{
      directory: work,
      prompt: 'Write a greeting.',
      role: 'developer' as const,
      attempt: 1,
      sessionId: crypto.randomUUID(),
    },
    ...{ jobDirectory: path.join(folder, 'job'), options: stage.options },
    ...(stage.model === undefined ? {} : { model: stage.model }),
    limits: { seconds: seconds + start, silenceSeconds: silenceSeconds + start, turns: 20, usd: 5, ...limits },
  };
  const records = (): Promise<readonly JobRecord[]> => recordsIn(task.jobDirectory);
  const living = async (): Promise<readonly number[]> =>
    (await Promise.all((await records()).map(({ marker }) => findMarked(marker)))).flat();
  return {
    ...{ task, records, living, asked: () => asked },
    run: (io = {}, changes = {}) =>
      agent.run({ ...task, ...changes }, { signal: new AbortController().signal, progress: () => undefined, ...io }),
    direct: (next) => {
      current = next;
    },
    async stop() {
      kill(await living());
      await stage.stop();
      await rm(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

async function recordsIn(jobDirectory: string): Promise<readonly JobRecord[]> {
  const folders = [jobDirectory, ...[1, 2, 3, 4, 5].map((number) => path.join(jobDirectory, `call-${number}`))];
  const records = await Promise.all(folders.map(readRecord));
  return records.filter((record) => record !== undefined);
}

/** SIGKILL to each of them; one that is gone already is passed over. */
export function kill(pids: readonly number[]): void {
  for (const pid of pids)
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      continue;
    }
}
