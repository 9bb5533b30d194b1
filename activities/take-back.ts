import { stepRefsOf } from '../domain/ids.ts';
import type { Commits } from '../domain/ids.ts';
import type { Outcome } from '../domain/outcome.ts';
import type { DiffStat, RunRepository } from '../domain/run.ts';
import type { LentWorktree, Takeover } from '../domain/takeover.ts';
import { oneLine } from '../domain/text.ts';
import { fetchKept, keepCommit, mirrorWith } from './commits.ts';
import type { CommitStore } from './commits.ts';
import { branchAt, exists, isAncestor, subjects, uncommitted } from './git/clone.ts';
import { diffStat } from './git/diff.ts';
import { NO_CREDENTIALS, hasCommit } from './git/host.ts';
import { fetchCommit } from './git/refs.ts';
import type { Io } from './io.ts';
import type { Ports } from './ports.ts';

export interface TakeBackInput extends CommitStore {
  readonly repositories: readonly RunRepository[];
  readonly takeover: Takeover;
  /** A branch, tag or commit by repository, instead of what its worktree has. */
  readonly refs: Readonly<Record<string, string>>;
  /** Who gives them back. */
  readonly by?: string;
  /** Number of the attempt that the commits become. */
  readonly attempt: number;
}

/** The worktrees are on another host. A retry may reach it. */
export class WorktreeElsewhere extends Error {
  override readonly name = 'WorktreeElsewhere';
}

interface Place {
  readonly input: TakeBackInput;
  readonly repository: RunRepository;
  readonly lent: LentWorktree | undefined;
  readonly mirror: string;
}

/** A person's commit, or one sentence that says why there is none to be taken. */
type Found = { readonly sha: string } | { readonly why: string };

/** Takes the commits of a person as they are, as the work of an attempt; nothing of theirs is changed. */
export async function takeBack(ports: Ports, input: TakeBackInput, io: Io): Promise<Outcome> {
  const commits: Record<string, string> = {};
  const problems: string[] = [];
  for (const repository of input.repositories) {
    io.progress(`taking back ${repository.key}`);
    const lent = input.takeover.worktrees.find((one) => one.repository === repository.key);
    const mirror = await mirrorWith(ports, { store: input, repository, commit: repository.baseCommit }, io);
    const found = await commitOf(ports, { input, repository, lent, mirror }, io);
    if ('why' in found) problems.push(`${repository.key}: ${found.why}`);
    else commits[repository.key] = found.sha;
  }
  if (
    problems.length === 0 &&
    input.takeover.worktrees.every(({ repository, commit }) => commits[repository] === commit)
  )
    problems.push('nothing was committed since the hand-over: commit it, or answer retry to leave it to the agent');
  return problems.length > 0
    ? { kind: 'not_taken_back', why: oneLine(problems.join('; '), 1000) }
    : attemptOf(ports, { input, commits }, io);
}

async function commitOf(ports: Ports, place: Place, io: Io): Promise<Found> {
  const { input, repository, mirror } = place;
  const ref = input.refs[repository.key];
  const found = ref === undefined ? await committed(ports, place, io) : await fetched(ports, { ...place, ref }, io);
  if ('why' in found) return found;
  const { baseCommit } = repository;
  const builds = await isAncestor(ports.git, { mirror, ancestor: baseCommit, commit: found.sha }, io);
  return builds ? found : { why: `${found.sha.slice(0, 12)} does not build on the base ${baseCommit.slice(0, 12)}` };
}

/** What the worktree's branch has, when all is committed. */
async function committed(ports: Ports, { input, repository, lent, mirror }: Place, io: Io): Promise<Found> {
  const { host } = input.takeover;
  if (lent === undefined) return { sha: repository.baseCommit };
  const { directory, branch } = lent;
  if (!(await exists(directory))) {
    if (host !== ports.host())
      throw new WorktreeElsewhere(`${directory} is on ${host}: push the branch and name it by --at`);
    return { why: `${directory} is gone: push the branch and name it by --at` };
  }
  const dirty = await uncommitted(ports.git, directory, io);
  if (dirty.length > 0) return { why: `not committed: ${named(dirty)}` };
  const current = await branchAt(ports.git, directory, io);
  if (current !== branch) return { why: `${current ?? 'no branch'} is checked out, not ${branch}` };
  const order = { mirror, url: directory, credentials: NO_CREDENTIALS, from: `refs/heads/${branch}` };
  const sha = await fetchCommit(ports.git, { ...order, to: incoming(input) }, io);
  return sha === undefined ? { why: `the branch ${branch} has no commit` } : { sha };
}

function named(files: readonly string[]): string {
  const shown = files.slice(0, 10).join(', ');
  return files.length <= 10 ? shown : `${shown} and ${files.length - 10} more`;
}

/** What the repository's own remote has there, else the state remote; or a commit that is known. */
async function fetched(ports: Ports, place: Place & { readonly ref: string }, io: Io): Promise<Found> {
  const { input, repository, mirror, ref } = place;
  const { forge, state } = input.remotes;
  if (/^[0-9a-f]{40}$/.test(ref)) {
    await fetchKept(ports, { store: input, repository }, io);
    if (await hasCommit(ports.git, { mirror, commit: ref }, io)) return { sha: ref };
  }
  for (const url of [repository.url, ...(state === undefined ? [] : [state])]) {
    const credentials = ports.forge(forge).credentials(url);
    const sha = await fetchCommit(ports.git, { mirror, url, credentials, from: ref, to: incoming(input) }, io);
    if (sha !== undefined) return { sha };
  }
  return { why: `there is no ${ref}: push it first` };
}

/** Ref of a commit that is looked at and not yet taken: not among the run's own. */
function incoming(input: TakeBackInput): string {
  return `${stepRefsOf(input)}.incoming`;
}

async function attemptOf(
  ports: Ports,
  { input, commits }: { readonly input: TakeBackInput; readonly commits: Commits },
  io: Io,
): Promise<Outcome> {
  const diffs: Record<string, DiffStat> = {};
  const summary: string[] = [];
  for (const repository of input.repositories) {
    const { key, baseCommit } = repository;
    const sha = commits[key] ?? baseCommit;
    const mirror = await mirrorWith(ports, { store: input, repository, commit: sha }, io);
    const from = input.takeover.worktrees.find((one) => one.repository === key)?.commit ?? baseCommit;
    summary.push(...(await subjects(ports.git, { mirror, from, to: sha }, io)).map((line) => `${key}: ${line}`));
    if (sha === baseCommit) continue;
    await keepCommit(ports, { store: input, repository, step: `taken-back-${input.attempt}`, sha }, io);
    diffs[key] = await diffStat(ports.git, { mirror, from: baseCommit, to: sha }, io);
  }
  const changed = Object.keys(diffs).filter((key) => (diffs[key]?.files ?? 0) > 0);
  if (changed.length === 0)
    return { kind: 'not_taken_back', why: 'the commits change nothing of what the base branches have' };
  const by = oneLine(input.by ?? input.takeover.by ?? 'a person', 100);
  const made = { by, summary: summary.join('\n').slice(0, 2000), commits, changed, diffs };
  return { kind: 'implemented', implementation: { ...NO_SESSION, ...made } };
}

const NOWHERE = { ref: '', sha256: '', bytes: 0 };
const NO_SESSION = {
  ...{ end: 'done' as const, why: '', sessionId: '', usd: 0, tokens: 0, turns: 0, seconds: 0 },
  ...{ prompt: NOWHERE, transcript: NOWHERE },
};
