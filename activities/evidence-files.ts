import { copyFile, mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Attempt, Run } from '../domain/run.ts';
import { artifactFolder } from './folders.ts';
import { diffText } from './git/diff.ts';
import { fileAt } from './git/file.ts';
import { mirrorFolder } from './git/host.ts';
import { inspectionText } from './inspections.ts';
import type { Io } from './io.ts';
import type { Ports } from './ports.ts';

const MAX_DIFF_BYTES = 512 * 1024;

/** What each file of evidence, named from the session's folder, is a copy of. */
export type EvidenceFiles = Readonly<Record<string, string>>;

interface Layout {
  readonly run: Run;
  readonly attempt: Attempt;
  readonly folder: string;
}

/** Writes the gates' logs and reports and each repository's change into the folder. */
export async function layOutEvidence(ports: Ports, { run, attempt, folder }: Layout, io: Io): Promise<EvidenceFiles> {
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

interface Given {
  readonly run: Run;
  readonly attempt: Attempt;
  readonly files: EvidenceFiles;
  /** Of the inspections that were made. */
  readonly record?: string | undefined;
  readonly source: string;
}

/** What the session was given under this name, whatever it has written there since; nothing for other names. */
export async function originalOf(
  ports: Ports,
  { run, attempt, files, record, source }: Given,
  io: Io,
): Promise<string | undefined> {
  const name = path.normalize(source);
  const stored = files[name];
  if (stored !== undefined) return readFile(stored, 'utf8');
  const inspected = record === undefined ? undefined : await inspectionText(record, name);
  if (inspected !== undefined) return inspected;
  const [key, ...rest] = name.split(path.sep);
  const repository = run.repositories.find((one) => one.key === key);
  const commit = attempt.implementation.commits[repository?.key ?? ''];
  if (repository === undefined || commit === undefined) return undefined;
  return fileAt(ports.git, { mirror: mirrorFolder(ports.git, repository.url), commit, file: rest.join('/') }, io);
}
