import { constants, open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { MAX_TRANSCRIPT_BYTES, cutLine } from './transcript.ts';

const LINE_END = 10;

/**
 * A piece of a transcript. Positions count the bytes of everything that was ever written to it, so they stay right when its middle is
 * cut and when it is begun anew with the same events.
 */
export interface TranscriptPart {
  readonly from: number;
  readonly next: number;
  /** Whole lines; of one that is longer than what was asked for, a part. */
  readonly text: string;
}

/** Reads on at a position, at most `maxBytes`. Nothing when there is nothing new, no such file, or it is a link. */
export async function readTranscript(
  file: string,
  position: number,
  maxBytes: number,
): Promise<TranscriptPart | undefined> {
  const at = Number.isSafeInteger(position) && position >= 0 ? position : 0;
  const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
  const handle = await open(file, flags).catch(() => undefined);
  if (handle === undefined) return undefined;
  try {
    const stats = await handle.stat();
    if (!stats.isFile()) return undefined;
    return await partAt(handle, { at, maxBytes, size: stats.size });
  } finally {
    await handle.close();
  }
}

interface Place {
  readonly at: number;
  readonly maxBytes: number;
  readonly size: number;
}

async function partAt(handle: FileHandle, { at, maxBytes, size }: Place): Promise<TranscriptPart | undefined> {
  const cut = await cutOf(handle, size);
  if (cut === undefined) return linesAt(handle, { at, shift: 0, end: Math.min(size, at + maxBytes) });
  const resumed = cut.start + cut.bytes;
  if (at < cut.start) return linesAt(handle, { at, shift: 0, end: Math.min(cut.start, at + maxBytes) });
  if (at < resumed) return { from: cut.start, next: resumed, text: await textOf(handle, cut.start, cut.end) };
  const shift = cut.end - resumed;
  return linesAt(handle, { at, shift, end: Math.min(size, at + shift + maxBytes) });
}

async function cutOf(handle: FileHandle, size: number): Promise<ReturnType<typeof cutLine>> {
  const within = MAX_TRANSCRIPT_BYTES / 4;
  const found = cutLine(await bytesOf(handle, 0, Math.min(size, within + 200)), within);
  // A line that only looks like one is an event like others.
  return found !== undefined && Number.isSafeInteger(found.bytes) && found.end > found.start ? found : undefined;
}

/** Lines from a position to a place in the file, `shift` bytes away from it. */
async function linesAt(
  handle: FileHandle,
  { at, shift, end }: { readonly at: number; readonly shift: number; readonly end: number },
): Promise<TranscriptPart | undefined> {
  if (end <= at + shift) return undefined;
  const bytes = await bytesOf(handle, at + shift, end);
  const whole = bytes.lastIndexOf(LINE_END) + 1;
  const length = whole > 0 ? whole : wholeCharacters(bytes);
  return length === 0 ? undefined : { from: at, next: at + length, text: bytes.subarray(0, length).toString('utf8') };
}

/** How many of the bytes are not the beginning of a character that goes on after them. */
function wholeCharacters(bytes: Buffer): number {
  let start = bytes.length - 1;
  while (start > 0 && bytes.length - start < 4 && ((bytes[start] ?? 0) & 0xc0) === 0x80) start -= 1;
  const first = bytes[start] ?? 0;
  const wanted = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : first >= 0xc0 ? 2 : 1;
  return bytes.length - start < wanted ? start : bytes.length;
}

async function textOf(handle: FileHandle, from: number, end: number): Promise<string> {
  return (await bytesOf(handle, from, end)).toString('utf8');
}

async function bytesOf(handle: FileHandle, from: number, end: number): Promise<Buffer> {
  const buffer = Buffer.alloc(Math.max(0, end - from));
  const { bytesRead } = await handle.read(buffer, 0, buffer.length, from);
  return buffer.subarray(0, bytesRead);
}
