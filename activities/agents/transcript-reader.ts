import { constants, open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { MAX_TRANSCRIPT_BYTES, cutLine } from './transcript.ts';

const LINE_END = 10;
const LONGEST_CHARACTER = 4;
// A session that is found again has its transcript written anew within a moment.
const SETTLED_MS = 10_000;

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

/**
 * Reads on at a position, at most `maxBytes`. Nothing when there is nothing new, no such file, or it is a link. A transcript that was
 * begun anew with other events is read from its beginning.
 */
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
    return await partAt(handle, { at, maxBytes, size: stats.size, settled: Date.now() - stats.mtimeMs > SETTLED_MS });
  } finally {
    await handle.close();
  }
}

interface Place {
  readonly at: number;
  readonly maxBytes: number;
  readonly size: number;
  /** Nothing was written for a while. */
  readonly settled: boolean;
}

async function partAt(handle: FileHandle, place: Place): Promise<TranscriptPart | undefined> {
  const { at, maxBytes, size, settled } = place;
  const cut = await cutOf(handle, size);
  const resumed = cut === undefined ? 0 : cut.start + cut.bytes;
  if (cut !== undefined && at >= cut.start && at < resumed)
    return { from: cut.start, next: resumed, text: await textOf(handle, cut.start, cut.end) };
  const behind = cut !== undefined && at >= resumed;
  const shift = behind ? cut.end - resumed : 0;
  const from = at + shift;
  const last = cut === undefined || behind ? size : cut.start;
  // It may only be on its way back to where it was.
  const anew = from > last ? settled : await amidLine(handle, from, maxBytes);
  if (anew && at > 0) return partAt(handle, { ...place, at: 0 });
  return linesAt(handle, { at, shift, end: Math.min(last, from + maxBytes), last });
}

/** True for a place that nobody has read up to: readers stop at line ends, and in a line only when it is longer than what they ask for. */
async function amidLine(handle: FileHandle, from: number, maxBytes: number): Promise<boolean> {
  const before = await bytesOf(handle, Math.max(0, from - maxBytes + LONGEST_CHARACTER), from);
  return before.at(-1) !== LINE_END && before.includes(LINE_END);
}

async function cutOf(handle: FileHandle, size: number): Promise<ReturnType<typeof cutLine>> {
  const within = MAX_TRANSCRIPT_BYTES / 4;
  const found = cutLine(await bytesOf(handle, 0, Math.min(size, within + 200)), within);
  // A line that only looks like one is an event like others.
  return found !== undefined && Number.isSafeInteger(found.bytes) && found.end > found.start ? found : undefined;
}

interface Stretch {
  readonly at: number;
  readonly shift: number;
  readonly end: number;
  readonly last: number;
}

/** Lines from a position to a place in the file, `shift` bytes away from it. Nothing follows at `last`. */
async function linesAt(handle: FileHandle, { at, shift, end, last }: Stretch): Promise<TranscriptPart | undefined> {
  if (end <= at + shift) return undefined;
  const bytes = await bytesOf(handle, at + shift, end);
  const whole = bytes.lastIndexOf(LINE_END) + 1;
  // What is written last may not be written to its end.
  const length = whole > 0 || end === last ? whole : wholeCharacters(bytes);
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
