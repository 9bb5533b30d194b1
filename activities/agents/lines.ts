import { appendFile, open } from 'node:fs/promises';

export type AgentEvent = Readonly<Record<string, unknown>>;

/**
 * Reads a growing file of JSON lines: each call of the returned function handles the complete lines that are new, in order,
 * and appends what they mean, redacted, to the transcript. A line that is no JSON becomes an event of type `output`.
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
): () => Promise<void> {
  let offset = 0;
  let rest = Buffer.alloc(0);
  let written = files.append ?? false;
  return async () => {
    const fresh = await readFrom(files.source, offset);
    if (fresh.length === 0) return;
    offset += fresh.length;
    const bytes = Buffer.concat([rest, fresh]);
    const end = bytes.lastIndexOf(10) + 1;
    rest = bytes.subarray(end);
    const lines = bytes
      .subarray(0, end)
      .toString('utf8')
      .split('\n')
      .filter((line) => line !== '');
    const events = lines.map(eventOf);
    const told = events.flatMap((event) => files.translate?.(event) ?? [event]);
    if (told.length > 0) {
      const text = told.map((event) => JSON.stringify(event)).join('\n');
      await appendFile(files.transcript, `${files.redact(text)}\n`, { flag: written ? 'a' : 'w' });
      written = true;
    }
    for (const event of events) onEvent(event);
  };
}

function eventOf(line: string): AgentEvent {
  try {
    const event: unknown = JSON.parse(line);
    if (typeof event === 'object' && event !== null) return { ...event };
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
    const buffer = Buffer.alloc(Math.max(0, size - offset));
    const { bytesRead } = await handle.read(buffer, 0, buffer.length, offset);
    return buffer.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}
