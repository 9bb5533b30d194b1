import { readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { describe } from '../domain/describe.ts';
import type { Run } from '../domain/run.ts';
import { artifactFolder, runFolder } from './folders.ts';
import { mirrorFolder } from './git/host.ts';
import { pruneWorktrees } from './git/worktree.ts';
import type { Io } from './io.ts';
import type { Ports } from './ports.ts';

/** Writes down how the run went and removes its worktrees. Transcripts stay. */
export async function archive(ports: Ports, { run }: { readonly run: Run }, io: Io): Promise<void> {
  const folder = artifactFolder(run.key);
  await ports.artifacts.put(folder, 'run.json', `${JSON.stringify(run, null, 2)}\n`);
  await ports.artifacts.put(folder, 'run.md', `${describe(run)}\n`);
  const root = runFolder(ports.home, run.key);
  const left = (await readdir(root).catch(() => [])).filter((name) => name !== 'jobs');
  await Promise.all(left.map((name) => rm(path.join(root, name), { recursive: true, force: true })));
  for (const { url } of run.repositories) await pruneWorktrees(ports.git, mirrorFolder(ports.git, url), io);
}
