import { copyFile, mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Reservation } from '../domain/budget.ts';
import { debugPrompt } from '../domain/debug-prompt.ts';
import type { Diagnosis } from '../domain/diagnosis.ts';
import type { Commits } from '../domain/ids.ts';
import type { LeaseUse } from '../domain/lease.ts';
import type { Outcome } from '../domain/outcome.ts';
import type { Remotes, SandboxChoice } from '../domain/project.ts';
import type { Attempt, Run } from '../domain/run.ts';
import { weigh } from './evidence.ts';
import { artifactFolder, runFolder } from './folders.ts';
import { diffText } from './git/diff.ts';
import { fileAt } from './git/file.ts';
import { mirrorFolder } from './git/host.ts';
import type { Io } from './io.ts';
import { LeaseLost, keepAlive } from './lease.ts';
import { withFunds } from './ledger.ts';
import type { Ports } from './ports.ts';
import { holdSession, parked, sessionName, specBody, told } from './session.ts';
import { keepWorkspace } from './workspace.ts';

export interface DiagnoseInput {
  /** Its newest attempt failed a gate. */
  readonly run: Run;
  readonly remotes: Remotes;
  readonly sandbox: SandboxChoice;
  /** The lease of the environment that is up. */
  readonly lease?: LeaseUse;
}

const MAX_DIFF_BYTES = 512 * 1024;

/**
 * One debugger session on the newest attempt: worktrees of exactly its commits, thrown away afterwards, and a folder with the
 * evidence. Hypotheses whose evidence is not found there are kept as unproven.
 */
export async function diagnose(ports: Ports, input: DiagnoseInput, io: Io): Promise<Outcome> {
  const { run } = input;
  const name = sessionName(run, 'diagnose', run.attempts.length);
  const alive = input.lease === undefined ? undefined : await keepAlive(ports, input.lease).catch(unlessLost);
  try {
    return await withFunds(ports, { run, name }, (reservation) => session(ports, { ...input, name, reservation }, io));
  } finally {
    alive?.stop();
  }
}

// The evidence is kept: an environment that is gone is no reason not to look into it.
function unlessLost(error: unknown): undefined {
  if (!(error instanceof LeaseLost)) throw error;
}

interface Session extends DiagnoseInput {
  readonly name: string;
  readonly reservation: Reservation;
}

async function session(ports: Ports, { run, remotes, sandbox, name, reservation }: Session, io: Io): Promise<Outcome> {
  const started = Date.now();
  const attempt = run.attempts.at(-1);
  if (attempt === undefined) throw new TypeError('there is no attempt to look into');
  const folder = path.join(runFolder(ports.home, run.key), name);
  const { commits } = attempt.implementation;
  const store = { ...run, remotes };
  const directories = await keepWorkspace(ports, { folder, repositories: run.repositories, commits, store }, io);
  const files = await layOut(ports, { run, attempt, folder: path.join(folder, 'evidence') }, io);
  const text = debugPrompt({
    run,
    attempt,
    body: await specBody(ports, run),
    directories,
    evidence: Object.keys(files),
  });
  const more = { directory: folder, prompt: text, sandbox, reservation };
  const order = { run, role: 'debugger' as const, attempt: attempt.number, name, ...more };
  const { report, ...kept } = await holdSession(ports, order, io);
  if (report.end === 'quota_parked') return parked(report);
  const claims = (report.claims ?? []).slice(0, 10);
  const read = (source: string): Promise<string | undefined> => original(ports, { run, commits, files, source }, io);
  const hypotheses = await weigh(claims, { attempt: attempt.number, read, transcript: report.transcript });
  const seconds = (Date.now() - started) / 1000;
  const diagnosis: Diagnosis = { ...told(report), hypotheses, ...kept, seconds };
  return { kind: 'diagnosed', diagnosis };
}

/** Writes the gates' logs and reports and each repository's change into the folder. Gives what each file, named from the session's folder, is a copy of. */
async function layOut(
  ports: Ports,
  { run, attempt, folder }: { readonly run: Run; readonly attempt: Attempt; readonly folder: string },
  io: Io,
): Promise<Readonly<Record<string, string>>> {
  const files: Record<string, string> = {};
  const root = `${artifactFolder(run.key)}/attempt-${attempt.number}/`;
  const add = async (name: string, stored: string): Promise<void> => {
    const file = path.join(folder, name);
    await mkdir(path.dirname(file), { recursive: true });
    await copyFile(stored, file);
    files[path.join(path.basename(folder), name)] = stored;
  };
  for (const { ref } of attempt.gates.flatMap(({ artifacts }) => artifacts))
    await add(ref.startsWith(root) ? ref.slice(root.length) : path.basename(ref), ports.artifacts.locate(ref));
  for (const { key, url, baseCommit } of run.repositories) {
    const to = attempt.implementation.commits[key] ?? baseCommit;
    if (to === baseCommit) continue;
    const range = { mirror: mirrorFolder(ports.git, url), from: baseCommit, to, maxBytes: MAX_DIFF_BYTES };
    const name = `${key}.diff`;
    const kept = await ports.artifacts.put(
      artifactFolder(run.key),
      `attempt-${attempt.number}/${name}`,
      ports.redact(await diffText(ports.git, range, io)),
    );
    await add(name, ports.artifacts.locate(kept.ref));
  }
  return files;
}

interface Source {
  readonly run: Run;
  readonly commits: Commits;
  readonly files: Readonly<Record<string, string>>;
  readonly source: string;
}

/** What the session was given under this name, whatever it has written there since. */
async function original(ports: Ports, { run, commits, files, source }: Source, io: Io): Promise<string | undefined> {
  const name = path.normalize(source);
  const stored = files[name];
  if (stored !== undefined) return readFile(stored, 'utf8');
  const [key, ...rest] = name.split(path.sep);
  const repository = run.repositories.find((one) => one.key === key);
  const commit = commits[repository?.key ?? ''];
  if (repository === undefined || commit === undefined) return undefined;
  return fileAt(ports.git, { mirror: mirrorFolder(ports.git, repository.url), commit, file: rest.join('/') }, io);
}
