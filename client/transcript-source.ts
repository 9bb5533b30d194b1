import type { TranscriptChunk, TranscriptReading } from '../activities/transcripts.ts';
import { bySession } from '../domain/session-name.ts';
import { HostGone } from './host-transcripts.ts';

/** Positions in transcripts, by session. */
export type Positions = Readonly<Record<string, number>>;

export type Print = (session: string, line: string) => void;

/** The transcripts of one host, and how far they are read and shown. */
export interface Source {
  readonly read: (after: Positions, waitSeconds: number) => Promise<TranscriptReading>;
  after: Positions;
  /** By session, the position that is shown up to and the line that is not complete there. */
  readonly shown: Map<string, { readonly next: number; readonly line: string }>;
  /** Read and not shown. */
  chunks: readonly TranscriptChunk[];
  more: boolean;
  /** Since when the host does not answer, in milliseconds since the epoch. */
  gone: { readonly since: number; readonly lastSeen: Date | undefined } | undefined;
}

/** A host whose transcripts are not read yet. */
export function sourceOf(read: Source['read']): Source {
  return { read, after: {}, shown: new Map(), chunks: [], more: false, gone: undefined };
}

/** Reads on. A host that does not answer is marked, and has nothing new. */
export async function refill(source: Source, waitSeconds: number): Promise<void> {
  source.more = false;
  try {
    const { chunks, more } = await source.read(source.after, waitSeconds);
    source.after = { ...source.after, ...Object.fromEntries(chunks.map(({ session, next }) => [session, next])) };
    source.chunks = [...source.chunks, ...chunks].toSorted((a, b) => bySession(a.session, b.session));
    Object.assign(source, { more, gone: undefined });
  } catch (error) {
    if (!(error instanceof HostGone)) throw error;
    source.gone = { since: Date.now(), lastSeen: error.lastSeen };
  }
}

/** Shows what was read and what follows it, older sessions first. Tells if there was anything. */
export async function showAll(sources: readonly Source[], print: Print): Promise<boolean> {
  for (let news = false; ; news = true) {
    const oldest = sources.filter(({ chunks }) => chunks.length > 0).toSorted(byOldest)[0];
    if (oldest === undefined) return news;
    const [chunk, ...rest] = oldest.chunks;
    oldest.chunks = rest;
    if (chunk !== undefined) show(oldest, chunk, print);
    if (rest.length === 0 && oldest.more) await refill(oldest, 0);
  }
}

const byOldest = (a: Source, b: Source): number => bySession(a.chunks[0]?.session ?? '', b.chunks[0]?.session ?? '');

/** Prints complete lines and keeps the beginning of the last one, unless what follows it was cut out. */
function show({ shown }: Source, { session, from, next, text }: TranscriptChunk, print: Print): void {
  const before = shown.get(session);
  const lines = `${before?.next === from ? before.line : ''}${text}`.split('\n');
  const line = lines.pop() ?? '';
  for (const complete of lines) print(session, complete);
  shown.set(session, { next, line });
}
