import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { agents } from '../../../activities/agents/index.ts';
import type { AgentName, AgentReport, AgentTask } from '../../../activities/agents/index.ts';
import type { Io } from '../../../activities/io.ts';
import { readRecord } from '../../../activities/process/job.ts';
import { findMarked } from '../../../activities/process/marked.ts';
import { redactor } from '../../../activities/redact.ts';
import { sandboxIn } from '../../support/sandbox.ts';
import { temporaryFolder } from '../../support/folder.ts';
import type { Fault } from '../../support/model/server.ts';

/** What an agent is made to do next, in no agent's own words. Files are relative to its folder. */
export type Act =
  | { readonly say: string }
  | { readonly write: string; readonly content: string }
  | { readonly run: string }
  | { readonly report: { readonly status: 'done' | 'blocked' | 'needs_human'; readonly reason?: string } }
  | { readonly fault: Fault }
  /** The provider says that the conversation is too long. */
  | { readonly overflow: true };

/** An adapter made ready to be told what to do. */
export interface Stage {
  readonly environment: Readonly<Record<string, string>>;
  readonly options: Readonly<Record<string, string>>;
  stop(): Promise<void>;
}

export interface Candidate {
  readonly name: AgentName;
  /** Cases that this agent cannot produce, and why. */
  readonly lacks: Partial<Record<CaseName, string>>;
  /** `acts` is asked again at every request: what it gives may change while a session runs. */
  prepare(acts: () => readonly Act[], folders: { readonly work: string; readonly folder: string }): Promise<Stage>;
}

/** Makes the agent fail or succeed in one way; the report must match `ends`. */
export interface Case {
  readonly acts: readonly Act[];
  readonly limits?: Partial<AgentTask['limits']>;
  readonly ends: Partial<AgentReport>;
}

const SUMMARY = 'all done';
/** Tells that it runs, and runs for a minute. */
export const LONG = "touch started; node -e 'setTimeout(()=>{}, 60000)'";
const edits = (count: number): readonly Act[] =>
  Array.from({ length: count }, (_, index) => ({ write: `${index}.txt`, content: 'x\n' }));
const fault = (given: Fault): Act => ({ fault: given });

/** Every way for a session to end that depends on the agent and its model alone. */
export const CASES = {
  done: {
    acts: [{ write: 'hello.txt', content: 'hello\n' }, { report: { status: 'done' } }],
    ends: { end: 'done', why: '', summary: SUMMARY },
  },
  blocked: {
    acts: [{ report: { status: 'blocked', reason: 'no schema of the table' } }],
    ends: { end: 'blocked', why: 'no schema of the table' },
  },
  'refused key': { acts: [fault({ status: 401 })], ends: { end: 'needs_human' } },
  'used-up quota': { acts: [fault({ status: 429 })], ends: { end: 'quota_parked' } },
  'server error': { acts: [fault({ status: 500 })], ends: { end: 'provider_down' } },
  'overloaded provider': { acts: [fault({ status: 529 })], ends: { end: 'provider_down' } },
  'dropped connection': { acts: [fault('drop')], ends: { end: 'provider_down' } },
  'dropped stream': { acts: [fault('cut')], ends: { end: 'provider_down' } },
  'garbage for an answer': { acts: [fault('garbage')], ends: { end: 'provider_down' } },
  'no answer': { acts: [fault('silence')], limits: { silenceSeconds: 3 }, ends: { end: 'stalled' } },
  refusal: { acts: [fault('refusal')], ends: { end: 'refused' } },
  'turn limit': { acts: edits(9), limits: { turns: 2 }, ends: { end: 'incomplete_handoff' } },
  'full context': { acts: [{ overflow: true }], ends: { end: 'incomplete_handoff' } },
  'time limit': { acts: [{ run: LONG }], limits: { seconds: 3 }, ends: { end: 'incomplete_handoff' } },
  'cost limit': { acts: edits(9), limits: { usd: 0.01 }, ends: { end: 'budget_exhausted' } },
  'no report': { acts: [{ say: 'I am done!' }, { say: 'Really!' }], ends: { end: 'contract_violation' } },
} as const satisfies Record<string, Case>;

export type CaseName = keyof typeof CASES | 'crash' | 'resume' | 're-attach' | 'parked';

/** The summary that every report of the suite has. */
export const REPORT = (act: Extract<Act, { report: object }>): object => ({ summary: SUMMARY, ...act.report });

export const SECRET = 'sk-dummy-key-of-the-contract-suite';

export interface Scene {
  readonly task: AgentTask;
  run(io?: Partial<Io>): Promise<AgentReport>;
  /** Has the model do these from now on. */
  direct(acts: readonly Act[]): void;
  /** Pids of what lives of call `number`, from 1. */
  living(): Promise<readonly number[]>;
  stop(): Promise<void>;
}

/** An agent in a folder of its own that will be told `acts`. */
export async function setUp(
  candidate: Candidate,
  acts: readonly Act[],
  limits: Partial<AgentTask['limits']> = {},
): Promise<Scene> {
  const folder = await temporaryFolder();
  const work = path.join(folder, 'work');
  await mkdir(work);
  let current = acts;
  const stage = await candidate.prepare(() => current, { work, folder });
  const environment = { PATH: process.env['PATH'] ?? '', HOME: folder, ...stage.environment };
  const agent = agents[candidate.name]({ environment, redact: redactor([SECRET]), sandbox: sandboxIn(folder) });
  const task: AgentTask = {
    ...{ directory: work, prompt: 'Write a greeting.', attempt: 1, sessionId: crypto.randomUUID() },
    ...{ jobDirectory: path.join(folder, 'job'), options: stage.options },
    limits: { seconds: 60, silenceSeconds: 30, turns: 20, usd: 5, ...limits },
  };
  return {
    task,
    run: (io = {}) => agent.run(task, { signal: new AbortController().signal, progress: () => undefined, ...io }),
    direct: (next) => {
      current = next;
    },
    living: () => living(task.jobDirectory),
    stop: stage.stop,
  };
}

async function living(jobDirectory: string): Promise<readonly number[]> {
  const folders = [jobDirectory, ...[1, 2, 3, 4, 5].map((number) => path.join(jobDirectory, `call-${number}`))];
  const records = await Promise.all(folders.map(readRecord));
  const markers = records.flatMap((record) => (record === undefined ? [] : [record.marker]));
  return (await Promise.all(markers.map(findMarked))).flat();
}
