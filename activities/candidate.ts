import path from 'node:path';
import type { GateResult } from '../domain/gate.ts';
import type { ArtifactRef, Commits, RunKey } from '../domain/ids.ts';
import type { Limits, Repository } from '../domain/project.ts';
import type { RunRepository } from '../domain/run.ts';
import type { CommitStore } from './commits.ts';
import { artifactFolder, runFolder } from './folders.ts';
import { combine } from './gates/combine.ts';
import type { CommandVerdict } from './gates/command.ts';
import { cleanCommit } from './git/clean.ts';
import type { Io } from './io.ts';
import type { Ports } from './ports.ts';
import { setUp } from './setup.ts';
import { keepWorkspace, openWorkspace } from './workspace.ts';
import type { WorkspaceOrder } from './workspace.ts';

/** What a gate judges: exactly these commits of these repositories. */
export interface Candidate extends CommitStore {
  readonly attempt: number;
  readonly commits: Commits;
  readonly pinned: readonly RunRepository[];
  readonly repositories: readonly Repository[];
  readonly limits: Limits;
}

type Directories = Readonly<Record<string, string>>;

/** Worktrees of the candidate that only gates touch. */
export function openCandidate(ports: Ports, candidate: Candidate, io: Io): Promise<Directories> {
  return openWorkspace(ports, orderOf(ports, candidate, 'candidate'), io);
}

/** Worktrees that the services of an environment run in: while they are up on these commits, what they have written there stays. */
export function openForServices(
  ports: Ports,
  { name, isUp, ...candidate }: Candidate & { readonly name: string; readonly isUp: boolean },
  io: Io,
): Promise<Directories> {
  const order = orderOf(ports, candidate, 'candidate');
  return isUp ? keepWorkspace(ports, { ...order, for: name }, io) : openWorkspace(ports, { ...order, for: name }, io);
}

/** Worktrees that a suite runs in, apart from those of the services. */
export function openForSuite(ports: Ports, candidate: Candidate, io: Io): Promise<Directories> {
  return openWorkspace(ports, orderOf(ports, candidate, 'suite'), io);
}

function orderOf(ports: Ports, candidate: Candidate, purpose: string): WorkspaceOrder {
  const folder = path.join(runFolder(ports.home, candidate.key), `${purpose}-${candidate.attempt}`);
  return { folder, repositories: candidate.pinned, commits: candidate.commits, store: candidate };
}

/** The project's settings of the repositories that the run works on. */
export function settings({ repositories, pinned }: Candidate): readonly Repository[] {
  return repositories.filter(({ key }) => pinned.some((repository) => repository.key === key));
}

/** Makes the worktree of one repository ready, once. A set-up that fails is told as a verdict. */
export function setUpRepository(
  ports: Ports,
  {
    candidate,
    repository,
    directory,
  }: { readonly candidate: Candidate; readonly repository: Repository; readonly directory: string },
  io: Io,
): Promise<CommandVerdict | undefined> {
  return setUp(
    {
      ...{ repository: repository.key, directory, commands: repository.setup, redact: ports.redact },
      environment: commandEnvironment(ports, candidate.key),
      seconds: candidate.limits.checkSeconds,
      cleanCommit: () => cleanCommit(ports.git, directory, io),
    },
    io,
  );
}

/** Environment of a command of the user's repositories: an own HOME, nothing secret. */
export function commandEnvironment(ports: Ports, key: RunKey): Readonly<Record<string, string>> {
  return { ...ports.commandEnvironment, HOME: path.join(runFolder(ports.home, key), 'home') };
}

/** Folder for logs and reports before they are stored. */
export function keepFolder(ports: Ports, candidate: Candidate, gate: string): string {
  return path.join(runFolder(ports.home, candidate.key), `evidence-${candidate.attempt}`, gate);
}

/** Stores the evidence and gives the gate's result. */
export async function conclude(
  ports: Ports,
  candidate: Candidate,
  found: { gate: string; verdicts: readonly CommandVerdict[]; started: number },
): Promise<GateResult> {
  const artifacts: ArtifactRef[] = [];
  for (const file of found.verdicts.flatMap(({ files }) => files)) {
    const below = path.relative(keepFolder(ports, candidate, found.gate), file);
    const name = `attempt-${candidate.attempt}/${found.gate}/${below.startsWith('..') ? path.basename(file) : below}`;
    artifacts.push(await ports.artifacts.putFile(artifactFolder(candidate.key), name, file));
  }
  const result = {
    ...combine(found.verdicts),
    gate: found.gate,
    commits: candidate.commits,
    artifacts,
    seconds: (Date.now() - found.started) / 1000,
  };
  const verdict = `attempt-${candidate.attempt}/${found.gate}/verdict.json`;
  await ports.artifacts.put(artifactFolder(candidate.key), verdict, `${JSON.stringify(result, null, 2)}\n`);
  return result;
}
