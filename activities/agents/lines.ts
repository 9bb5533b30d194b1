import { open } from 'node:fs/promises';
import { withoutSecrets } from '../redact.ts';
import { appendLines } from './transcript.ts';

export type AgentEvent = Readonly<Record<string, unknown>>;

/** Read at once at most, and the longest line that is read whole. */
const MAX_READ = 4 * 1024 * 1024;
const MAX_LINE = 16 * 1024 * 1024;
const KEPT_OF_LONG = 8000;

/**
 * Reads a growing file of JSON lines: each call of the returned function handles the complete lines that are new, in order,
 * and appends what they mean, redacted, to the transcript. Called with `last`, it takes what follows the last line end for a
 * line, too: a writer that was killed ends in the middle of one. A line that is no JSON object, or is too long to be one, becomes an
 * event of type `output`.
 */
export function follower(
  files: {
    source: string;
    transcript: string;
    append?: boolean;
    redact(text: string): string;
    translate?(event: AgentEvent): readonly AgentEvent[];
  },
  onEvent: (event: AgentEvent) => void,
): (last?: 'last') => Promise<void> {
  let offset = 0;
  let begin = files.append !== true;
  const splitter = lineSplitter();
  const handle = async (lines: readonly string[]): Promise<void> => {
    const events = lines.filter((line) => line !== '').map(eventOf);
    const told = events.flatMap((event) => files.translate?.(event) ?? [event]);
    if (told.length > 0) {
      const text = withoutSecrets(told, files.redact)
        .map((event) => JSON.stringify(event))
        .join('\n');
      await appendLines(files.transcript, `${text}\n`, { begin });
      begin = false;
    }
    for (const event of events) onEvent(event);
  };
  return async (last) => {
    for (;;) {
      const fresh = await readFrom(files.source, offset);
      if (fresh.length === 0) break;
      offset += fresh.length;
      await handle(splitter.push(fresh));
    }
    if (last === undefined) return;
    await handle(splitter.end());
    // There is a transcript of a session that said nothing, too.
    await appendLines(files.transcript, '', { begin });
  };
}

/** Cuts bytes into lines, whole characters only. A line that is too long gives its beginning and how long it was. */
function lineSplitter(): { push(bytes: Buffer): readonly string[]; end(): readonly string[] } {
  let parts: Buffer[] = [];
  let length = 0;
  const take = (): string => {
    const bytes = Buffer.concat(parts);
    const line =
      length > MAX_LINE ? `${bytes.toString('utf8', 0, KEPT_OF_LONG)}… (${length} bytes)` : bytes.toString('utf8');
    parts = [];
    length = 0;
    return line;
  };
  const add = (bytes: Buffer): void => {
    if (length <= MAX_LINE) parts.push(bytes);
    length += bytes.length;
  };
  return {
    push(bytes) {
      const lines: string[] = [];
      let start = 0;
      for (let end = bytes.indexOf(10); end !== -1; end = bytes.indexOf(10, start)) {
        add(bytes.subarray(start, end));
        lines.push(take());
        start = end + 1;
      }
      if (start < bytes.length) add(bytes.subarray(start));
      return lines;
    },
    end: () => (length === 0 ? [] : [take()]),
  };
}

function eventOf(line: string): AgentEvent {
  try {
    const event: unknown = JSON.parse(line);
    if (typeof event === 'object' && event !== null && !Array.isArray(event)) return { ...event };
  } catch {
    return { type: 'output', text: line };
  }
  return { type: 'output', text: line };
}

async function readFrom(file: string, offset: number): Promise<Buffer> {
  const handle = await open(file).catch(() => undefined);
  if (handle === undefined) return Buffer.alloc(0);
  try {
    const { size } = await handle.stat();
    const buffer = Buffer.alloc(Math.min(MAX_READ, Math.max(0, size - offset)));
    const { bytesRead } = await handle.read(buffer, 0, buffer.length, offset);
    return buffer.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}
