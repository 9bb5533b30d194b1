import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { AgentEnd } from '../../../domain/agent.ts';
import type { Io } from '../../io.ts';
import { logOf } from '../../process/job.ts';
import type { JobCommand } from '../../process/job.ts';
import { inspectJob, supervise } from '../../process/supervise.ts';
import { CORDS } from '../../../domain/agent.ts';
import type { Spending } from '../../../domain/budget.ts';
import type { Cord } from '../../../domain/agent.ts';
import type { Claim } from '../../../domain/diagnosis.ts';
import { claim } from '../report.ts';
import { AgentRejected } from '../errors.ts';
import type { Agent, AgentConfig, AgentReport, AgentTask } from '../index.ts';
import { follower } from '../lines.ts';
import { withSpokenPersona } from '../persona.ts';
import { programFiles } from '../program.ts';
import { toolFiles } from '../tools/files.ts';
import type { Performance } from './player.ts';
import { parseScript, stepsFor } from './script.ts';

const PLAYER = fileURLToPath(new URL(`./player${path.extname(import.meta.url)}`, import.meta.url));

/** Plays a file of steps for real: edits files, runs commands, waits, fails, costs. For demos, tests and rehearsals. */
export function scripted(config: AgentConfig): Agent {
  return { run: (task, io) => perform(withSpokenPersona(task), io, config) };
}

async function perform(task: AgentTask, io: Io, { environment, redact, sandbox }: AgentConfig): Promise<AgentReport> {
  const { jobDirectory, directory } = task;
  const home = path.join(jobDirectory, 'home');
  const show = await performance(task, home);
  const tally = {
    usd: 0,
    tokens: 0,
    turns: 0,
    summary: '',
    end: undefined as AgentEnd | undefined,
    why: '',
    until: undefined as number | undefined,
    cord: undefined as Cord | undefined,
    claims: [] as Claim[],
  };
  await mkdir(home, { recursive: true });
  const transcript = path.join(jobDirectory, 'transcript.jsonl');
  if (task.role === 'debugger' && show.steps.length === 0) return nothingSaid(task, transcript);
  if (await wasParked(jobDirectory)) await rm(path.join(jobDirectory, 'job.json'));
  const follow = follower({ source: logOf(jobDirectory).stdout, transcript, redact }, (event) => {
    if (event['type'] === 'usage') {
      tally.usd += Number(event['usd'] ?? 0);
      tally.tokens += Number(event['tokens'] ?? 0);
    } else if (event['type'] === 'text') tally.summary = String(event['text']);
    else if (event['type'] === 'error') tally.why = String(event['message']);
    else if (event['type'] === 'andon') tally.cord = CORDS.find((cord) => cord === event['cord']);
    else if (event['type'] === 'hypothesis') tally.claims.push(claim.parse(event));
    else if (event['type'] === 'end')
      Object.assign(tally, { end: event['as'], why: event['why'], until: event['until'] });
    if (event['type'] !== 'usage') tally.turns += 1;
    io.progress(stepText(event), { usd: tally.usd, turns: tally.turns });
  });
  const command = async (): Promise<JobCommand> => {
    const plain: JobCommand = {
      file: process.execPath,
      arguments: ['--disable-warning=ExperimentalWarning', PLAYER],
      cwd: directory,
      environment: { ...environment, HOME: home },
      input: JSON.stringify(show),
      reads: [...copied(show), ...programFiles()],
    };
    return sandbox?.contain(plain, task) ?? plain;
  };
  const end = await supervise(
    {
      folder: jobDirectory,
      command,
      seconds: task.limits.seconds,
      silenceSeconds: task.limits.silenceSeconds,
      poll: async () => {
        await follow();
        return overspent(tally, task.limits);
      },
    },
    io,
  );
  await follow('last');
  const { usd, tokens, turns, summary } = tally;
  if (tally.end === undefined && overspent(tally, task.limits))
    Object.assign(tally, { end: 'budget_exhausted', why: 'the session spent its budget' });
  const more = {
    ...(tally.until === undefined ? {} : { until: tally.until }),
    ...(tally.cord === undefined ? {} : { cord: tally.cord }),
    ...(task.role === 'debugger' ? { claims: tally.claims } : {}),
  };
  return { ...ending(end.how, tally), ...more, summary, sessionId: task.sessionId, usd, tokens, turns, transcript };
}

function overspent({ usd, tokens }: Spending, limits: AgentTask['limits']): boolean {
  return usd > limits.usd || tokens > (limits.tokens ?? Infinity);
}

/** A script without diagnoses has no opinion. */
async function nothingSaid({ sessionId }: AgentTask, transcript: string): Promise<AgentReport> {
  await writeFile(transcript, '');
  const told = { end: 'done' as const, why: '', summary: '', claims: [] };
  return { ...told, sessionId, usd: 0, tokens: 0, turns: 0, transcript };
}

/** A session that ended for want of quota goes on after its last step when it is called again. */
async function wasParked(folder: string): Promise<boolean> {
  if ((await inspectJob(folder)) !== 'ended') return false;
  const lines = (await readFile(logOf(folder).stdout, 'utf8')).trimEnd().split('\n');
  return lines.at(-1)?.includes('"as":"quota_parked"') ?? false;
}

function ending(how: string, tally: { end: AgentEnd | undefined; why: string }): Pick<AgentReport, 'end' | 'why'> {
  if (how === 'timed_out') return { end: 'incomplete_handoff', why: 'the session reached its time limit' };
  if (how === 'silent') return { end: 'stalled', why: 'the session gave no sign of life' };
  if (tally.end !== undefined) return { end: tally.end, why: tally.why };
  return { end: 'crashed', why: tally.why === '' ? 'the session died without a result' : tally.why };
}

async function performance(task: AgentTask, home: string): Promise<Performance> {
  const { directory, role, attempt, prompt, options } = task;
  const { script } = options;
  if (script === undefined) throw new AgentRejected('the scripted agent needs "script", the path of its file of steps');
  const text = await readFile(script, 'utf8').catch(() => {
    throw new AgentRejected(`the script ${script} cannot be read`);
  });
  return {
    steps: stepsFor(parseScript(text, script), { role, attempt, prompt }),
    directory,
    scriptFolder: path.dirname(script),
    journal: path.join(home, 'journal'),
    files: toolFiles(task.jobDirectory),
  };
}

/** What the script's steps copy from. */
function copied({ steps, scriptFolder }: Performance): readonly string[] {
  return steps.flatMap((step) => ('copy' in step ? [path.resolve(scriptFolder, step.copy.from)] : []));
}

function stepText(event: Readonly<Record<string, unknown>>): string {
  if (event['type'] === 'command') return `$ ${String(event['command'])}`;
  if (event['type'] === 'text') return String(event['text']);
  if (event['type'] === 'file_change') return 'editing files';
  return String(event['type']);
}
