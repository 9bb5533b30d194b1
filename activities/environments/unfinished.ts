import { mkdirSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { readJson } from '../process/json-file.ts';
import { findMarked, stopMarked } from '../process/marked.ts';

const GRACE_MS = 3000;

/** A call that may outlive its worker: the marker of its processes and, once it has begun, the pid of the first of them. */
export interface CallNote {
  readonly marker: string;
  readonly pid?: number;
}

/** Notes a call that begins, so that whoever calls next knows of it. */
export function noteCall(file: string, note: CallNote): void {
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, JSON.stringify(note));
}

/** Takes the note of a call that has ended away. */
export async function forgetCall(file: string): Promise<void> {
  await rm(file, { force: true });
}

/**
 * Ends the noted call, with all that it started, where a lost worker has left it at work: it would go on changing what the next call
 * makes. What a call that came to its end has left running stays.
 */
export async function endUnfinished(file: string): Promise<void> {
  const note = await readJson<CallNote>(file);
  if (note === undefined) return;
  const alive = await findMarked(note.marker);
  if (note.pid === undefined || alive.includes(note.pid)) await stopMarked(note.marker, GRACE_MS);
  await forgetCall(file);
}
