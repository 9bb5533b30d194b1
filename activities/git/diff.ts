import type { DiffStat } from '../../domain/run.ts';
import type { Io } from '../io.ts';
import { mustGit } from './host.ts';
import type { GitHost } from './host.ts';

export interface Range {
  readonly mirror: string;
  readonly from: string;
  readonly to: string;
}

/** Files and lines that differ between two commits. */
export async function diffStat(host: GitHost, { mirror, from, to }: Range, io: Io): Promise<DiffStat> {
  const out = await mustGit(host, { cwd: mirror, arguments: ['diff', '--numstat', from, to] }, io);
  const rows = out
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.split('\t'));
  const sum = (column: number): number => rows.reduce((total, row) => total + (Number(row[column]) || 0), 0);
  return { files: rows.length, insertions: sum(0), deletions: sum(1) };
}

/** The patch between two commits, its first `maxBytes`. */
export async function diffText(host: GitHost, range: Range & { readonly maxBytes: number }, io: Io): Promise<string> {
  const out = await mustGit(
    host,
    { cwd: range.mirror, arguments: ['diff', '--no-ext-diff', '--no-color', range.from, range.to] },
    io,
  );
  return out.slice(0, range.maxBytes);
}
