import path from 'node:path';
import { debugPrompt } from '../domain/debug-prompt.ts';
import { againstRefuted } from '../domain/diagnosis.ts';
import type { Diagnosis } from '../domain/diagnosis.ts';
import type { EnvironmentChoice } from '../domain/environment.ts';
import type { LeaseUse } from '../domain/lease.ts';
import type { Outcome } from '../domain/outcome.ts';
import type { Remotes, SandboxChoice } from '../domain/project.ts';
import type { Run } from '../domain/run.ts';
import { layOutEvidence, originalOf } from './evidence-files.ts';
import { weigh } from './evidence.ts';
import { artifactFolder, jobFolder, runFolder } from './folders.ts';
import { whileAnswering } from './inspections.ts';
import type { InspectionOrder } from './inspections.ts';
import type { Io } from './io.ts';
import { LeaseLost, keepAlive } from './lease.ts';
import { withFunds } from './ledger.ts';
import type { SessionFunds } from './ledger.ts';
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
  /** What brought it up. */
  readonly environment?: EnvironmentChoice;
  /** Commands that the project allows in it beside those that are known to only read. */
  readonly allowed?: readonly string[];
}

/**
 * One debugger session on the newest attempt: worktrees of exactly its commits, thrown away afterwards, and a folder with the
 * evidence. Hypotheses whose evidence is not found there are kept as unproven.
 */
export async function diagnose(ports: Ports, input: DiagnoseInput, io: Io): Promise<Outcome> {
  const { run } = input;
  const name = sessionName(run, 'diagnose', run.attempts.length);
  const alive = input.lease === undefined ? undefined : await keepAlive(ports, input.lease).catch(unlessLost);
  try {
    return await withFunds(ports, { run, name }, (funds) => session(ports, { ...input, name, funds }, io));
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
  readonly funds: SessionFunds;
}

async function session(
  ports: Ports,
  { run, remotes, sandbox, name, funds, ...input }: Session,
  io: Io,
): Promise<Outcome> {
  const started = Date.now();
  const attempt = run.attempts.at(-1);
  if (attempt === undefined) throw new TypeError('there is no attempt to look into');
  const folder = path.join(runFolder(ports.home, run.key), name);
  const { commits } = attempt.implementation;
  const store = { ...run, remotes };
  const directories = await keepWorkspace(ports, { folder, repositories: run.repositories, commits, store }, io);
  const files = await layOutEvidence(ports, { run, attempt, folder: path.join(folder, 'evidence') }, io);
  const { record, result } = await whileAnswering(
    ports,
    { order: inspectionOf(ports, { run, name, ...input }), io },
    async (inspect) => {
      const text = debugPrompt({
        run: isReached(ports, run) ? run : { ...run, environment: null },
        inspects: inspect !== undefined,
        attempt,
        body: await specBody(ports, run),
        directories,
        evidence: Object.keys(files),
      });
      const more = {
        directory: folder,
        prompt: text,
        sandbox,
        ...funds,
        ...(inspect === undefined ? {} : { inspect }),
      };
      return holdSession(ports, { run, role: 'debugger', attempt: attempt.number, name, ...more }, io);
    },
  );
  const { report, ...kept } = result;
  if (report.end === 'quota_parked') return parked(report);
  const claims = (report.claims ?? []).slice(0, 10);
  const read = (source: string): Promise<string | undefined> =>
    originalOf(ports, { run, attempt, files, record, source }, io);
  const weighed = await weigh(claims, { attempt: attempt.number, read, transcript: report.transcript });
  const hypotheses = againstRefuted(weighed, run);
  const seconds = (Date.now() - started) / 1000;
  const inspected =
    record === undefined
      ? {}
      : { inspections: await ports.artifacts.putFile(artifactFolder(run.key), `${name}/inspections.jsonl`, record) };
  const diagnosis: Diagnosis = { ...told(report), hypotheses, ...kept, ...inspected, seconds };
  return { kind: 'diagnosed', diagnosis };
}

/** On another host an environment of this run is out of reach. */
function isReached(ports: Ports, { environment }: Run): boolean {
  return environment !== null && (environment.host === undefined || environment.host === ports.host());
}

function inspectionOf(
  ports: Ports,
  { run, name, environment: choice, allowed = [] }: Pick<Session, 'run' | 'name' | 'environment' | 'allowed'>,
): InspectionOrder | undefined {
  const { environment } = run;
  if (choice === undefined || environment === null || !isReached(ports, run)) return undefined;
  return { choice, environment, allowed, jobDirectory: jobFolder(ports.home, run.key, name) };
}
