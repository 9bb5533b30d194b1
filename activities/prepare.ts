import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Commits, RepositoryKey } from '../domain/ids.ts';
import type { Run } from '../domain/run.ts';
import { commandEnvironment } from './candidate.ts';
import { artifactFolder } from './folders.ts';
import type { CommandVerdict } from './gates/command.ts';
import { cleanCommit } from './git/clean.ts';
import { treeOf } from './git/commit.ts';
import type { Io } from './io.ts';
import type { Ports } from './ports.ts';
import { setUp } from './setup.ts';

export interface PrepareOrder {
  readonly run: Run;
  /** Set-up commands of the repositories that have any. */
  readonly setup: Readonly<Record<RepositoryKey, readonly string[]>>;
  readonly directories: Readonly<Record<RepositoryKey, string>>;
  /** What the worktrees are at. */
  readonly commits: Commits;
}

/** Set-up fails on the run's own base commits: no agent can be blamed for it. */
export class SetUpFailed extends Error {
  override readonly name = 'SetUpFailed';
}

/**
 * Sets up an agent's worktrees, once. Gives the tree that set-up left in each, so that its leftovers are not taken for the
 * agent's work. Throws SetUpFailed on base commits; on an attempt's commits the agent is to find it.
 */
export async function prepare(
  ports: Ports,
  { run, setup, directories, commits }: PrepareOrder,
  io: Io,
): Promise<Readonly<Record<RepositoryKey, string>>> {
  const trees: Record<RepositoryKey, string> = {};
  for (const { key, baseCommit } of run.repositories) {
    const commands = setup[key] ?? [];
    const directory = directories[key] ?? '';
    if (commands.length === 0) continue;
    const parent = commits[key] ?? baseCommit;
    const environment = commandEnvironment(ports, run.key);
    const { redact } = ports;
    const order = {
      ...{ repository: key, directory, commands, environment, seconds: run.limits.checkSeconds, redact },
      cleanCommit: () => cleanCommit(ports.git, directory, io),
    };
    const problem = await setUp(order, io);
    if (problem !== undefined && parent === baseCommit) throw new SetUpFailed(await told(ports, run, problem));
    trees[key] = await remembered(`${directory}.prepared`, () => treeOf(ports.git, { directory, parent }, io));
  }
  return trees;
}

/** What failed, and where its whole output is kept. */
async function told(ports: Ports, { key }: Run, { why, files }: CommandVerdict): Promise<string> {
  const kept = files.map((file) => ports.artifacts.putFile(artifactFolder(key), `setup/${path.basename(file)}`, file));
  return [why, ...(await Promise.all(kept)).map(({ ref }) => `its output is kept as ${ref}`)].join('; ');
}

async function remembered(file: string, make: () => Promise<string>): Promise<string> {
  const before = await readFile(file, 'utf8').catch(() => '');
  if (before !== '') return before;
  const made = await make();
  await writeFile(file, made);
  return made;
}
