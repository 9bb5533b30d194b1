import { stat } from 'node:fs/promises';
import path from 'node:path';
import type { Commits } from '../domain/ids.ts';
import type { Outcome } from '../domain/outcome.ts';
import { startingPoint } from '../domain/progress.ts';
import { implementPrompt } from '../domain/prompt.ts';
import { oneLine } from '../domain/text.ts';
import type { DiffStat, Implementation, Run, RunRepository } from '../domain/run.ts';
import type { Remotes, SandboxChoice } from '../domain/project.ts';
import { keepCommit } from './commits.ts';
import { jobFolder, runFolder } from './folders.ts';
import { commitAll } from './git/commit.ts';
import { diffStat } from './git/diff.ts';
import { RepositoryNotFound } from './git/errors.ts';
import { mirrorFolder } from './git/host.ts';
import { sameTree } from './git/same-tree.ts';
import type { Io } from './io.ts';
import { withFunds } from './ledger.ts';
import type { SessionFunds } from './ledger.ts';
import type { Ports } from './ports.ts';
import { SetUpFailed, prepare } from './prepare.ts';
import type { PrepareOrder } from './prepare.ts';
import { holdSession, parked, sessionName, specBody, told } from './session.ts';
import { snapshotAll, takeOver, withSnapshots } from './snapshots.ts';
import { keepWorkspace } from './workspace.ts';

export interface ImplementInput {
  readonly run: Run;
  readonly remotes: Remotes;
  /** Set-up commands of the repositories that have any. */
  readonly setup: PrepareOrder['setup'];
  /** What the session is contained by. */
  readonly sandbox: SandboxChoice;
}

/** One agent session from named commits to named commits, made by us. Called again, it goes on with the same session. */
export async function implement(ports: Ports, input: ImplementInput, io: Io): Promise<Outcome> {
  try {
    const { run } = input;
    const name = sessionName(run, 'implement', run.attempts.length + 1);
    return await withFunds(ports, { run, name }, (funds) => session(ports, { ...input, name, funds }, io));
  } catch (error) {
    if (error instanceof SetUpFailed) return { kind: 'broken', why: error.message };
    throw error;
  }
}

interface Session extends ImplementInput {
  readonly name: string;
  readonly funds: SessionFunds;
}

async function session(ports: Ports, { run, remotes, setup, sandbox, name, funds }: Session, io: Io): Promise<Outcome> {
  const started = Date.now();
  const number = run.attempts.length + 1;
  const start = startingCommits(run);
  const folder = path.join(runFolder(ports.home, run.key), name);
  const directories = await keepWorkspace(
    ports,
    { folder, repositories: run.repositories, commits: start, store: { ...run, remotes } },
    io,
  );
  const prepared = await prepare(ports, { run, setup, directories, commits: start }, io);
  const jobDirectory = jobFolder(ports.home, run.key, name);
  const saved = {
    ...{ name, folder, directories, start, store: { ...run, remotes }, repositories: run.repositories },
    ...{ jobDirectory, limits: run.limits },
  };
  const note = await takeOver(ports, saved, io);
  const whole = implementPrompt({ run, body: await specBody(ports, run), directories });
  const text = note === '' ? whole : `${whole}\n\n${note}`;
  const directory = run.repositories.length === 1 ? (Object.values(directories)[0] ?? folder) : folder;
  const order = {
    run,
    role: 'developer' as const,
    attempt: number,
    name,
    directory,
    prompt: text,
    sandbox,
    ...funds,
  };
  const session = { session: saved, work: () => holdSession(ports, order, io) };
  const { report, ...kept } = await withSnapshots(ports, session, io);
  if (report.end === 'quota_parked') {
    await snapshotAll(ports, saved, io);
    return parked(report);
  }
  io.progress('committing', { usd: report.usd });
  const { gone, ...work } = await commitWork(ports, { run, remotes, number, name, start, directories, prepared }, io);
  const summary = report.summary.slice(0, 2000);
  const seconds = (Date.now() - started) / 1000;
  return {
    kind: 'implemented',
    implementation: { ...withoutFolders(told(report), gone), summary, ...work, ...kept, seconds },
  };
}

type End = Pick<Implementation, 'end' | 'why'>;

/** A session that took its own folder away has broken its contract, whatever it says. */
function withoutFolders<T extends End>(told: T, gone: readonly string[]): T {
  if (gone.length === 0) return told;
  const list = gone.join(' and ');
  const removed = `the agent removed or moved its folder ${list}: nothing of it could be committed`;
  const why = told.why === '' ? removed : oneLine(`${removed}; ${told.why}`, 500);
  return { ...told, why, end: told.end === 'done' ? 'contract_violation' : told.end };
}

/** The work of the attempt to go on from, else the pinned bases. */
function startingCommits(run: Run): Commits {
  const bases = Object.fromEntries(run.repositories.map(({ key, baseCommit }) => [key, baseCommit]));
  return { ...bases, ...startingPoint(run)?.implementation.commits };
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
): Promise<Pick<Implementation, 'commits' | 'changed' | 'diffs'> & { readonly gone: readonly string[] }> {
  const made = await Promise.all(work.run.repositories.map((repository) => commitOne(ports, { work, repository }, io)));
  const changed = made.filter(({ diff }) => diff !== undefined && diff.files > 0).map(({ key }) => key);
  return {
    commits: Object.fromEntries(made.map(({ key, sha }) => [key, sha])),
    changed,
    gone: made.filter(({ gone }) => gone).map(({ key }) => key),
    diffs: Object.fromEntries(made.flatMap(({ key, diff }) => (diff === undefined ? [] : [[key, diff]]))),
  };
}

async function commitOne(
  ports: Ports,
  { work, repository }: { readonly work: Work; readonly repository: RunRepository },
  io: Io,
): Promise<{ key: string; sha: string; gone: boolean; diff: DiffStat | undefined }> {
  const { run, remotes, number, name } = work;
  const { key, url, baseCommit } = repository;
  const [directory, parent] = [work.directories[key] ?? '', work.start[key] ?? baseCommit];
  const order = {
    ...{ directory, parent, prepared: work.prepared[key] },
    message: `${run.workId}: ${run.spec?.title ?? 'spec'}`,
    trailers: {
      'Spec-To-PR-Run': `${run.key.workflowId}:${run.key.firstRunId}`,
      'Spec-To-PR-Attempt': String(number),
    },
  };
  const made = await commitAll(ports.git, order, io).catch(async (error: unknown) => {
    if (io.signal.aborted || !(await isGone(directory, error))) throw error;
    return undefined;
  });
  const mirror = mirrorFolder(ports.git, url);
  const earlier = run.attempts.flatMap(({ implementation }) => implementation.commits[key] ?? []);
  // Files that an earlier attempt had already are its commit: the run sees that nothing new was tried.
  const sha = await sameTree(ports.git, { mirror, sha: made?.sha ?? parent, among: earlier }, io);
  await keepCommit(ports, { store: { ...run, remotes }, repository, step: name, sha }, io);
  const range = { mirror, from: baseCommit, to: sha };
  const gone = made === undefined;
  return { key, sha, gone, diff: sha === baseCommit ? undefined : await diffStat(ports.git, range, io) };
}

/** Whether nothing can be committed from a worktree because it is not where it was, or git does not know it any more. */
async function isGone(directory: string, error: unknown): Promise<boolean> {
  if (error instanceof RepositoryNotFound) return true;
  return stat(directory).then(
    (found) => !found.isDirectory(),
    (fault: NodeJS.ErrnoException) => fault.code === 'ENOENT' || fault.code === 'ENOTDIR',
  );
}
