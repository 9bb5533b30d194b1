import { open } from 'node:fs/promises';
import { shortened } from '../process/kept.ts';
import type { CutText } from '../process/kept.ts';
import type { LogRequest } from './index.ts';
import { lastBytes } from './tool.ts';

type Wish = Pick<LogRequest, 'maxBytes' | 'since'>;

/** What a request wants of a log's text: of a window its start and its end, else the end. `lost`: bytes that the text lacks already. */
export function wanted(text: string, { maxBytes, since }: Wish, lost = 0): CutText {
  if (since === undefined) return { head: '', cut: 0, tail: lastBytes(text, maxBytes) };
  const { cut, ...kept } = shortened({ head: text, cut: 0, tail: '' }, maxBytes);
  return { ...kept, cut: cut + lost };
}

/** `wanted` of a file from a byte on, without reading what is not; empty when there is none. */
export async function wantedOfFile(name: string, { maxBytes, since }: Wish, from = 0): Promise<CutText> {
  const file = await open(name).catch(() => undefined);
  if (file === undefined) return { head: '', cut: 0, tail: '' };
  const read = async (start: number, end: number): Promise<string> => {
    const bytes = Buffer.alloc(Math.max(0, end - start));
    const { bytesRead } = await file.read(bytes, 0, bytes.length, start);
    return bytes.subarray(0, bytesRead).toString('utf8');
  };
  try {
    const { size } = await file.stat();
    const headBytes = since === undefined ? 0 : Math.floor(maxBytes / 4);
    const rest = Math.max(from + headBytes, size - (maxBytes - headBytes));
    if (since === undefined) return { head: '', cut: 0, tail: await read(rest, size) };
    const cut = rest - from - headBytes;
    return { head: await read(from, Math.min(size, from + headBytes)), cut, tail: await read(rest, size) };
  } finally {
    await file.close();
  }
}
