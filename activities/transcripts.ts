import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { RunKey } from '../domain/ids.ts';
import { bySession } from '../domain/session-name.ts';
import { readTranscript } from './agents/transcript-reader.ts';
import type { TranscriptPart } from './agents/transcript-reader.ts';
import { artifactFolder, jobFolder, runFolder } from './folders.ts';
import type { Io } from './io.ts';
import type { Ports } from './ports.ts';

/** One answer has at most this much text. */
export const MAX_READING_BYTES = 256 * 1024;
// Less may not hold a single character.
const MIN_LEFT_BYTES = 4;
const MAX_WAIT_SECONDS = 20;
const LOOK_MS = 250;
const SESSION_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/;

export interface TranscriptOrder {
  readonly key: RunKey;
  /** By session, the position that is read up to; sessions that are not named are read from their beginning. */
  readonly after: Readonly<Record<string, number>>;
  /** Sessions whose archived transcript stands in where the host has no other of them. */
  readonly archived: readonly string[];
  /** How long to wait for something new, at most 20. */
  readonly waitSeconds: number;
}

export interface TranscriptChunk extends TranscriptPart {
  readonly session: string;
}

/** What is new, older sessions first. With `more`, the next order gives more at once. */
export interface TranscriptReading {
  readonly chunks: readonly TranscriptChunk[];
  readonly more: boolean;
}

type Shelves = Pick<Ports, 'home' | 'artifacts' | 'redact'>;

/** Reads on in the transcripts of a run that this host has. Only files of the run's own sessions are opened, whatever the order names. */
export async function transcripts(shelves: Shelves, order: TranscriptOrder, io: Io): Promise<TranscriptReading> {
  const until = Date.now() + Math.min(MAX_WAIT_SECONDS, Math.max(0, order.waitSeconds)) * 1000;
  let looked: string | undefined;
  for (;;) {
    const files = await filesOf(shelves, order);
    const look = await lookOf(files);
    if (look !== looked) {
      const reading = await readAll(files, order);
      if (reading.chunks.length > 0) return redacted(reading, shelves);
    }
    looked = look;
    if (Date.now() >= until || io.signal.aborted) return { chunks: [], more: false };
    await wait(LOOK_MS, undefined, { signal: io.signal }).catch(() => undefined);
  }
}

type Files = ReadonlyMap<string, string>;

/** The transcripts by session. Names come from the folder itself; links are not followed. */
async function filesOf({ home, artifacts }: Shelves, { key, archived }: TranscriptOrder): Promise<Files> {
  const jobs = path.join(runFolder(home, key), 'jobs');
  const entries = await readdir(jobs, { withFileTypes: true }).catch(() => []);
  const here = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  const stored = archived.filter((name) => SESSION_NAME.test(name) && !here.includes(name));
  const files = [
    ...here.map((name): [string, string] => [name, path.join(jobFolder(home, key, name), 'transcript.jsonl')]),
    ...stored.map((name): [string, string] => [
      name,
      artifacts.locate(`${artifactFolder(key)}/${name}/transcript.jsonl`),
    ]),
  ];
  return new Map(files.toSorted(([a], [b]) => bySession(a, b)));
}

/** Changes with any of the files. */
async function lookOf(files: Files): Promise<string> {
  const stats = [...files.values()].map((file) => stat(file, { bigint: true }).catch(() => undefined));
  return (await Promise.all(stats)).map((one) => `${one?.ino}:${one?.size}:${one?.mtimeNs}`).join();
}

async function readAll(files: Files, { after }: TranscriptOrder): Promise<TranscriptReading> {
  const chunks: TranscriptChunk[] = [];
  let left = MAX_READING_BYTES;
  for (const [session, file] of files) {
    let position = Object.hasOwn(after, session) ? Number(after[session]) : 0;
    for (;;) {
      if (left < MIN_LEFT_BYTES) return { chunks, more: true };
      const part = await readTranscript(file, position, left);
      if (part === undefined) break;
      // A line is parted only where it is longer than an answer.
      if (chunks.length > 0 && !part.text.endsWith('\n')) return { chunks, more: true };
      chunks.push({ session, ...part });
      left -= Buffer.byteLength(part.text);
      position = part.next;
    }
  }
  return { chunks, more: false };
}

function redacted({ chunks, more }: TranscriptReading, { redact }: Shelves): TranscriptReading {
  return { chunks: chunks.map((chunk) => ({ ...chunk, text: redact(chunk.text) })), more };
}
