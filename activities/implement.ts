import { createHash } from 'node:crypto';
import path from 'node:path';
import type { Commits } from '../domain/ids.ts';
import type { Outcome } from '../domain/outcome.ts';
import { startingPoint } from '../domain/progress.ts';
import { implementPrompt } from '../domain/prompt.ts';
import type { DiffStat, Implementation, Run, RunRepository } from '../domain/run.ts';
import { DEFAULT_SANDBOX } from '../domain/project.ts';
import type { Remotes, SandboxChoice } from '../domain/project.ts';
import { oneLine } from '../domain/text.ts';
import type { AgentReport } from './agents/index.ts';
import { keepCommit } from './commits.ts';
import { artifactFolder, runFolder } from './folders.ts';
import { commitAll } from './git/commit.ts';
import { diffStat } from './git/diff.ts';
import { mirrorFolder } from './git/host.ts';
import type { Io } from './io.ts';
import type { Ports } from './ports.ts';
import { SetUpFailed, prepare } from './prepare.ts';
import type { PrepareOrder } from './prepare.ts';
import { keepWorkspace } from './workspace.ts';

export interface ImplementInput {
  readonly run: Run;
  readonly remotes: Remotes;
  /** Set-up commands of the repositories that have any. */
  readonly setup: PrepareOrder['setup'];
  /** Absent in orders of runs that began before there was a choice. */
  readonly sandbox?: SandboxChoice | undefined;
}

/** One agent session from named commits to named commits, made by us. Called again, it goes on with the same session. */
export async function implement(ports: Ports, input: ImplementInput, io: Io): Promise<Outcome> {
  try {
    return await session(ports, input, io);
  } catch (error) {
    if (error instanceof SetUpFailed) return { kind: 'broken', why: error.message };
    throw error;
  }
}

async function session(ports: Ports, { run, remotes, setup, sandbox }: ImplementInput, io: Io): Promise<Outcome> {
  const started = Date.now();
  const number = run.attempts.length + 1;
  const name = `implement-${number}${run.answers.length === 0 ? '' : `.${run.answers.length}`}`;
  const start = startingCommits(run);
  const folder = path.join(runFolder(ports.home, run.key), name);
  const directories = await keepWorkspace(
    ports,
    { folder, repositories: run.repositories, commits: start, store: { ...run, remotes } },
    io,
  );
  const prepared = await prepare(ports, { run, setup, directories, commits: start }, io);
  const text = implementPrompt({ run, body: await specBody(ports, run), directories });
  const prompt = await ports.artifacts.put(artifactFolder(run.key), `${name}/prompt.md`, text);
  const report = await ports.agent(run.agent, sandbox ?? DEFAULT_SANDBOX).run(
    {
      directory: run.repositories.length === 1 ? (Object.values(directories)[0] ?? folder) : folder,
      prompt: text,
      attempt: number,
      sessionId: sessionIdOf(`${run.key.firstRunId}:${name}`),
      jobDirectory: path.join(runFolder(ports.home, run.key), 'jobs', name),
      ...(run.agent.model === undefined ? {} : { model: run.agent.model }),
      options: run.agent.options,
      limits: {
        seconds: run.limits.agentSeconds,
        silenceSeconds: run.limits.agentSilenceSeconds,
        turns: run.limits.agentTurns,
        usd: Math.max(0.01, run.limits.usd - run.usd),
      },
    },
    io,
  );
  if (report.end === 'quota_parked') return parked(report);
  io.progress('committing', { usd: report.usd });
  const work = await commitWork(ports, { run, remotes, number, name, start, directories, prepared }, io);
  const transcript = await ports.artifacts.putFile(
    artifactFolder(run.key),
    `${name}/transcript.jsonl`,
    report.transcript,
  );
  return {
    kind: 'implemented',
    implementation: { ...told(report), ...work, prompt, transcript, seconds: (Date.now() - started) / 1000 },
  };
}

const QUOTA_WAIT_MS = 15 * 60_000;
const MIN_WAIT_MS = 1000;

/** The session goes on later; what it has cost so far is told when it ends. */
function parked({ until, why }: AgentReport): Outcome {
  const now = Date.now();
  return { kind: 'parked', until: Math.max(until ?? now + QUOTA_WAIT_MS, now + MIN_WAIT_MS), why: oneLine(why, 300) };
}

/** The work of the attempt to go on from, else the pinned bases. */
function startingCommits(run: Run): Commits {
  const bases = Object.fromEntries(run.repositories.map(({ key, baseCommit }) => [key, baseCommit]));
  return { ...bases, ...startingPoint(run)?.implementation.commits };
}

async function specBody(ports: Ports, run: Run): Promise<string> {
  return run.spec === null ? '' : ports.artifacts.read(run.spec.document);
}

function told(
  report: AgentReport,
): Pick<Implementation, 'end' | 'why' | 'summary' | 'sessionId' | 'usd' | 'tokens' | 'turns'> {
  const { end, why, summary, sessionId, usd, tokens, turns } = report;
  return { end, why: oneLine(why, 500), summary: summary.slice(0, 2000), sessionId, usd, tokens, turns };
}

interface Work {
  readonly run: Run;
  readonly remotes: Remotes;
  readonly number: number;
  readonly name: string;
  readonly start: Commits;
  readonly directories: Readonly<Record<string, string>>;
  readonly prepared: Readonly<Record<string, string>>;
}

async function commitWork(
  ports: Ports,
  work: Work,
  io: Io,
): Promise<Pick<Implementation, 'commits' | 'changed' | 'diffs'>> {
  const made = await Promise.all(work.run.repositories.map((repository) => commitOne(ports, { work, repository }, io)));
  const changed = made.filter(({ diff }) => diff !== undefined && diff.files > 0).map(({ key }) => key);
  return {
    commits: Object.fromEntries(made.map(({ key, sha }) => [key, sha])),
    changed,
    diffs: Object.fromEntries(made.flatMap(({ key, diff }) => (diff === undefined ? [] : [[key, diff]]))),
  };
}

async function commitOne(
  ports: Ports,
  { work, repository }: { readonly work: Work; readonly repository: RunRepository },
  io: Io,
): Promise<{ key: string; sha: string; diff: DiffStat | undefined }> {
  const { run, remotes, number, name } = work;
  const { key, url, baseCommit } = repository;
  const { sha } = await commitAll(
    ports.git,
    {
      directory: work.directories[key] ?? '',
      parent: work.start[key] ?? baseCommit,
      prepared: work.prepared[key],
      message: `${run.workId}: ${run.spec?.title ?? 'spec'}`,
      trailers: {
        'Spec-To-PR-Run': `${run.key.workflowId}:${run.key.firstRunId}`,
        'Spec-To-PR-Attempt': String(number),
      },
    },
    io,
  );
  await keepCommit(ports, { store: { ...run, remotes }, repository, step: name, sha }, io);
  const range = { mirror: mirrorFolder(ports.git, url), from: baseCommit, to: sha };
  return { key, sha, diff: sha === baseCommit ? undefined : await diffStat(ports.git, range, io) };
}

/** A UUID (version 5 layout) from a name: the same session for every retry of the same step. */
function sessionIdOf(name: string): string {
  const hex = createHash('sha1').update(`spec-to-pr:${name}`).digest('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), `5${hex.slice(13, 16)}`, `a${hex.slice(17, 20)}`, hex.slice(20, 32)].join(
    '-',
  );
}
