import { randomUUID } from 'node:crypto';
import { open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { DiffStat } from '../../domain/run.ts';
import type { Io } from '../io.ts';
import { mustGit } from './host.ts';
import type { GitHost } from './host.ts';

export interface Range {
  readonly mirror: string;
  readonly from: string;
  readonly to: string;
}

const PLAIN = ['diff', '--no-ext-diff', '--no-textconv', '--no-color'];

/** Files and lines that differ between two commits; binary files count as files without lines. */
export async function diffStat(host: GitHost, { mirror, from, to }: Range, io: Io): Promise<DiffStat> {
  const out = await mustGit(host, { cwd: mirror, arguments: [...PLAIN, '--numstat', from, to] }, io);
  const rows = out
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.split('\t'));
  const sum = (column: number): number => rows.reduce((total, row) => total + (Number(row[column]) || 0), 0);
  return { files: rows.length, insertions: sum(0), deletions: sum(1) };
}

/** The patch between two commits, its first `maxBytes`, whatever its size. */
export async function diffText(host: GitHost, range: Range & { readonly maxBytes: number }, io: Io): Promise<string> {
  const { mirror, from, to, maxBytes } = range;
  const file = path.join(tmpdir(), `spec-to-pr-${randomUUID()}.diff`);
  try {
    await mustGit(host, { cwd: mirror, arguments: [...PLAIN, `--output=${file}`, from, to] }, io);
    return await firstBytes(file, maxBytes);
  } finally {
    await rm(file, { force: true });
  }
}

async function firstBytes(file: string, maxBytes: number): Promise<string> {
  await using handle = await open(file);
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(maxBytes), 0, maxBytes, 0);
  return new TextDecoder().decode(buffer.subarray(0, bytesRead), { stream: true });
}
