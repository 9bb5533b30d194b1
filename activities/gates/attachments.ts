import { isUtf8 } from 'node:buffer';
import { lstat, mkdir, readFile, realpath, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Attachment, TestCase } from '../../formats/reports/report.ts';

const MAX_FILES = 20;
const MAX_BYTES = 10 * 1024 * 1024;
const MAX_BYTES_TOGETHER = 50 * 1024 * 1024;
const MAX_NAME = 80;

interface Target {
  /** The worktree: nothing outside of it is taken. */
  readonly directory: string;
  readonly keep: string;
  readonly name: string;
  redact(text: string): string;
}

/**
 * Copies the screenshots, traces and videos that failed tests left into the folder `keep`: plain files of the worktree, at most 20,
 * of 10 MB each and 50 MB together; texts without secrets. Gives their new paths.
 */
export async function keepAttachments(target: Target, failures: readonly TestCase[]): Promise<readonly string[]> {
  const root = await realpath(target.directory);
  const kept = new Map<string, string>();
  let room = MAX_BYTES_TOGETHER;
  for (const attachment of failures.flatMap(({ attachments = [] }) => attachments)) {
    if (kept.size === MAX_FILES) break;
    const file = await placeOf(attachment, target.directory, root);
    if (file === undefined || kept.has(file)) continue;
    const { size } = await lstat(file);
    if (size > MAX_BYTES || size > room) continue;
    room -= size;
    kept.set(file, await copy(file, target, kept.size + 1));
  }
  return [...kept.values()];
}

/** Where the file really is; nothing for one that is not there, is no plain file or lies outside. */
async function placeOf({ path: name }: Attachment, directory: string, root: string): Promise<string | undefined> {
  if (name.includes('\0')) return undefined;
  const file = await realpath(path.resolve(directory, name)).catch(() => undefined);
  if (file === undefined || !file.startsWith(root + path.sep)) return undefined;
  return (await lstat(file)).isFile() ? file : undefined;
}

async function copy(file: string, { keep, name, redact }: Target, number: number): Promise<string> {
  const title = `${name}-attachment-${number}-${path.basename(file).slice(-MAX_NAME)}`;
  const kept = path.join(keep, title.replace(/[^A-Za-z0-9._-]+/g, '-').slice(-150));
  await mkdir(keep, { recursive: true });
  const bytes = await readFile(file);
  await writeFile(kept, isUtf8(bytes) && !bytes.includes(0) ? redact(bytes.toString('utf8')) : bytes);
  return kept;
}
