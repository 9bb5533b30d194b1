import { appendFile, readFile, rename, stat, writeFile } from 'node:fs/promises';

/** A session's transcript is never larger than this and one batch of events. */
export const MAX_TRANSCRIPT_BYTES = 8 * 1024 * 1024;

const CUT = '{"type":"cut",';

/** Appends lines to a transcript, or begins it anew. Grown too large, it keeps its beginning and its newest lines. */
export async function appendLines(
  file: string,
  text: string,
  { begin = false, maxBytes = MAX_TRANSCRIPT_BYTES }: { readonly begin?: boolean; readonly maxBytes?: number } = {},
): Promise<void> {
  await appendFile(file, text, { flag: begin ? 'w' : 'a' });
  const { size } = await stat(file);
  if (size > maxBytes) await cut(file, maxBytes);
}

/** A quarter stays of the beginning and half of the newest; an event of type `cut` between them counts what went. */
async function cut(file: string, maxBytes: number): Promise<void> {
  const bytes = await readFile(file);
  const before = cutLine(bytes, maxBytes / 4);
  const headEnd = before?.start ?? lineEnd(bytes, maxBytes / 4);
  const from = before?.end ?? headEnd;
  const tailStart = Math.max(from, lineStart(bytes, bytes.length - maxBytes / 2));
  const gone = bytes.subarray(from, tailStart);
  const events = (before?.events ?? 0) + gone.filter((byte) => byte === 10).length;
  const line = `${CUT}"events":${events},"bytes":${(before?.bytes ?? 0) + gone.length}}\n`;
  await writeFile(
    `${file}.part`,
    Buffer.concat([bytes.subarray(0, headEnd), Buffer.from(line), bytes.subarray(tailStart)]),
  );
  await rename(`${file}.part`, file);
}

/** Where the line of an earlier cut is, which begins within the first `within` bytes, and how much it says is gone. */
export function cutLine(
  bytes: Buffer,
  within: number,
): { start: number; end: number; events: number; bytes: number } | undefined {
  const head = bytes.subarray(0, within + CUT.length);
  const start = head.indexOf(`\n${CUT}`) + 1;
  if (start === 0 && !head.subarray(0, CUT.length).equals(Buffer.from(CUT))) return undefined;
  const end = bytes.indexOf(10, start) + 1;
  const [, events, gone] = /"events":(\d+),"bytes":(\d+)\}\n$/.exec(bytes.subarray(start, end).toString('utf8')) ?? [];
  return { start, end, events: Number(events ?? 0), bytes: Number(gone ?? 0) };
}

/** Where the last complete line of the first `length` bytes ends. */
function lineEnd(bytes: Buffer, length: number): number {
  return bytes.subarray(0, length).lastIndexOf(10) + 1;
}

/** Where the first line begins that starts at `offset` or later. */
function lineStart(bytes: Buffer, offset: number): number {
  const newline = bytes.indexOf(10, Math.max(0, Math.floor(offset) - 1));
  return newline === -1 ? bytes.length : newline + 1;
}
