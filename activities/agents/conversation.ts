import { mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import type { AgentEnd, Cord } from '../../domain/agent.ts';
import type { Claim } from '../../domain/diagnosis.ts';
import type { Usage } from '../../domain/prices.ts';
import { Interruption } from '../io.ts';
import type { Io } from '../io.ts';
import { logOf } from '../process/job.ts';
import type { JobCommand } from '../process/job.ts';
import { inspectJob, supervise, wasInterrupted } from '../process/supervise.ts';
import type { JobEnd } from '../process/supervise.ts';
import type { AgentConfig, AgentReport, AgentTask } from './index.ts';
import { withCord } from './tools/cords.ts';
import { programFiles } from './program.ts';
import { lendLogin, removeLogin } from './login.ts';
import type { Login } from './login.ts';
import { follower } from './lines.ts';
import type { AgentEvent } from './lines.ts';

/** Figures of a session; money in USD. */
export interface Spent {
  readonly usd: number;
  readonly tokens: number;
  readonly usage?: Usage;
  readonly turns: number;
  /** A call worked and told neither tokens nor money. */
  readonly untold?: true;
}

/** How one call of a CLI ended. `no_report` asks once for the report, `no_session` starts the session anew. */
export interface Ending {
  readonly end: AgentEnd | 'no_report' | 'no_session';
  readonly why: string;
  readonly summary: string;
  /** Of `quota_parked`: milliseconds since the epoch. */
  readonly until?: number;
  readonly cord?: Cord;
  readonly claims?: readonly Claim[];
}

/** One call of a CLI within a session. Without `resume` the session is a new one. */
export interface Call {
  /** From 1. */
  readonly number: number;
  readonly prompt: string;
  /** The CLI's own name of the session to go on with. */
  readonly resume: string | undefined;
}

/** Follows the events of one call, as the CLI wrote them. */
export interface CallReader {
  read(event: AgentEvent): void;
  /** What the session has spent, given what it had spent before this call. */
  spent(before: Spent): Spent;
  /** The CLI's own name of the session, once it has told it. */
  session(): string | undefined;
  /** Called once, when the call is over and before `spent`. */
  ending(job: JobEnd, stderr: string): Ending | Promise<Ending>;
  /** True when the call has nothing more to give, or has passed a limit that its CLI does not know: what still runs of it is ended. */
  over?(): boolean | Promise<boolean>;
}

/** What the conversation must know of an agent's CLI. */
export interface Dialect {
  /** Copied into the session's HOME before its calls; the copy goes when the session has ended, not while it is paused. */
  readonly login?: Login;
  command(call: Call): JobCommand;
  /** Follows one call of a session that has spent `before`. */
  reader(before: Spent): CallReader;
  /** An event of the CLI in the words that all agents' transcripts share. */
  translate(event: AgentEvent): readonly AgentEvent[];
  /** What the agent is doing, in one short line. */
  activity(event: AgentEvent): string | undefined;
}

const MAX_MENDED = 3;
const GO_ON =
  'Your session was cut off. Look at the state of your folders and go on where you were; finish the task as described.';
const REPORT = 'Give your final report now, in the structured form that was asked for. Do no further work.';
/** Of a session that has nothing left to spend. */
export const SPENT = { end: 'budget_exhausted', why: 'the session spent its budget', summary: '' } as const;
const NOTHING: Spent = { usd: 0, tokens: 0, turns: 0 };

/**
 * One session in as many calls of a CLI as it takes: a crash is resumed, a missing report asked for once. Called again with
 * the same task, calls that have ended are read, not repeated; one that ended for want of quota is gone on from.
 */
export async function converse(task: AgentTask, agent: Conversant, io: Io): Promise<AgentReport> {
  const { login } = agent.dialect;
  if (login === undefined) return makeCalls(task, agent, io);
  await lendLogin(login, task.jobDirectory);
  const report = await makeCalls(task, agent, io).catch(async (error: unknown) => {
    if (!(io.signal.reason instanceof Interruption)) await removeLogin(login, task.jobDirectory);
    throw error;
  });
  if (report.end !== 'quota_parked') await removeLogin(login, task.jobDirectory);
  return report;
}

interface Conversant {
  readonly dialect: Dialect;
  readonly config: AgentConfig;
}

async function makeCalls(task: AgentTask, agent: Conversant, io: Io): Promise<AgentReport> {
  const transcript = path.join(task.jobDirectory, 'transcript.jsonl');
  let spent = NOTHING;
  let sessionId = '';
  let call: Call = { number: 1, prompt: task.prompt, resume: undefined };
  let asked = false;
  let mended = 0;
  for (;;) {
    const { ending, reader, reread, interrupted } = await makeCall({ task, ...agent, transcript, call, spent }, io);
    spent = reader.spent(spent);
    sessionId = reader.session() ?? sessionId;
    const parked = ending.end === 'quota_parked';
    const again = next(ending, { asked, reread, prompt: task.prompt, sessionId });
    if (again !== undefined && spent.tokens >= (task.limits.tokens ?? Infinity))
      return { ...SPENT, sessionId: sessionId || task.sessionId, ...spent, transcript };
    asked ||= ending.end === 'no_report';
    if (again === undefined || (mended >= MAX_MENDED && !interrupted)) {
      const { end, ...told } = ending;
      return { ...told, end: final(end), sessionId: sessionId || task.sessionId, ...spent, transcript };
    }
    // A session that was paused did not fail, however often.
    if (!parked && !interrupted) mended += 1;
    call = { number: call.number + 1, ...again };
  }
}

function next(
  { end }: Ending,
  seen: { readonly asked: boolean; readonly reread: boolean; readonly prompt: string; readonly sessionId: string },
): Pick<Call, 'prompt' | 'resume'> | undefined {
  const { asked, reread, prompt, sessionId } = seen;
  const fresh = { prompt, resume: undefined };
  if (end === 'no_session') return fresh;
  if (end === 'crashed' || (end === 'quota_parked' && reread))
    return sessionId === '' ? fresh : { prompt: GO_ON, resume: sessionId };
  if (end === 'no_report' && !asked && sessionId !== '') return { prompt: REPORT, resume: sessionId };
  return undefined;
}

function final(end: Ending['end']): AgentEnd {
  if (end === 'no_report') return 'contract_violation';
  return end === 'no_session' ? 'crashed' : end;
}

interface Scene {
  readonly task: AgentTask;
  readonly dialect: Dialect;
  readonly config: AgentConfig;
  readonly transcript: string;
  readonly call: Call;
  readonly spent: Spent;
}

interface CallEnd {
  readonly ending: Ending;
  readonly reader: CallReader;
  /** It had ended before. */
  readonly reread: boolean;
  /** It was ended from outside, to be gone on with. */
  readonly interrupted: boolean;
}

async function makeCall(scene: Scene, io: Io): Promise<CallEnd> {
  const { task, dialect, call, config, transcript, spent } = scene;
  const folder = path.join(task.jobDirectory, `call-${call.number}`);
  await mkdir(folder, { recursive: true });
  const reread = ['ended', 'lost'].includes(await inspectJob(folder));
  const reader = dialect.reader(spent);
  let steps = 0;
  const follow = follower(
    {
      source: logOf(folder).stdout,
      transcript,
      append: call.number > 1,
      redact: config.redact,
      translate: (event) => dialect.translate(event),
    },
    (event) => {
      reader.read(event);
      const activity = dialect.activity(event);
      if (activity !== undefined) io.progress(activity, { usd: spent.usd, turns: spent.turns + (steps += 1) });
    },
  );
  const { seconds, silenceSeconds } = task.limits;
  const command = async (): Promise<JobCommand> => {
    const plain = dialect.command(call);
    const reads = [...(plain.reads ?? []), ...programFiles()];
    return config.sandbox?.contain({ ...plain, reads }, { ...task, readOnly: task.persona?.noCode === true }) ?? plain;
  };
  const poll = async (): Promise<boolean> => {
    await follow();
    return (await reader.over?.()) ?? false;
  };
  const job = await supervise({ folder, command, seconds, silenceSeconds, restartLost: false, poll }, io);
  await follow('last');
  const stderr = await readFile(logOf(folder).stderr, 'utf8').catch(() => '');
  const ending = await withCord(task, await reader.ending(job, config.redact(stderr)));
  return { ending, reader, reread, interrupted: reread && (await wasInterrupted(folder)) };
}

/** The ending that our own timers gave a call, if they did. */
export function endedByTimer({ how }: JobEnd): (Ending & { readonly end: AgentEnd }) | undefined {
  if (how === 'timed_out') return { end: 'incomplete_handoff', why: 'the session reached its time limit', summary: '' };
  if (how === 'silent') return { end: 'stalled', why: 'the session gave no sign of life', summary: '' };
  return undefined;
}

const ERROR_LINE = /^\s*(?:[\w.]*(?:error|exception)\b|panic|fatal)/i;

/** The ending of a call that gave no result of its own: by the last error that it named, else its last words. */
export function endedWithoutResult({ code }: JobEnd, stderr: string): Ending {
  const lines = stderr.trim().split('\n').slice(-100);
  const said = (lines.findLast((line) => ERROR_LINE.test(line)) ?? lines.at(-1) ?? '').trim();
  const why = said === '' ? `the CLI ended without a result (exit ${code ?? 'none'})` : said;
  return { end: 'crashed', why: why.slice(0, 400), summary: '' };
}
