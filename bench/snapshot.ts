import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { ensureMirror } from '../activities/git/mirror.ts';
import { NO_CREDENTIALS } from '../activities/git/host.ts';
import { snapshotTree } from '../activities/git/snapshot.ts';
import { addWorktree } from '../activities/git/worktree.ts';
import { bareRepository, git } from '../tests/support/repository.ts';
import type { Figure } from './run.ts';
import { median, timed } from './support.ts';

const FILES = 5000;
const io = { signal: new AbortController().signal, progress: () => undefined };

/** The first snapshot of a worktree of 5,000 files, ten of them changed, and those that follow. */
export async function measureSnapshot(folder: string): Promise<readonly Figure[]> {
  const names = Array.from({ length: FILES }, (_, index) => `src/${index % 100}/file-${index}.ts`);
  const content = 'export const value = 1;\n'.repeat(100);
  const url = bareRepository(
    folder,
    'large',
    Object.fromEntries(names.map((name) => [name, `// ${name}\n${content}`])),
  );
  const host = { home: folder, path: process.env['PATH'] ?? '', identity: { name: 'Bench', email: 'b@example.com' } };
  const mirror = await ensureMirror(host, { url, credentials: NO_CREDENTIALS }, io);
  const parent = git(url, 'rev-parse', 'main');
  const times: Record<'first' | 'next', number[]> = { first: [], next: [] };
  for (let round = 0; round < 3; round += 1) {
    const directory = path.join(folder, `work-${round}`);
    await addWorktree(host, { mirror, directory, commit: parent }, io);
    const order = { mirror, directory, parent, folder: path.join(folder, `keep-${round}`), maxFileBytes: 25e6 };
    for (const kind of ['first', 'next', 'next'] as const) {
      await mkdir(path.join(directory, 'new'), { recursive: true });
      for (const name of names.slice(0, 10)) await writeFile(path.join(directory, name), `${kind} ${Math.random()}\n`);
      times[kind].push(await timed(() => snapshotTree(host, order, io)));
    }
  }
  return [
    { name: `first snapshot of ${FILES} files`, value: median(times.first) / 1000, unit: 's', target: 1 },
    { name: `next snapshot of ${FILES} files`, value: median(times.next) / 1000, unit: 's', target: 1 },
  ];
}
