import { mkdir, symlink, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { appendLines } from '../../activities/agents/transcript.ts';
import { readTranscript } from '../../activities/agents/transcript-reader.ts';
import { fileArtifacts } from '../../activities/artifacts/index.ts';
import { artifactFolder, jobFolder } from '../../activities/folders.ts';
import { redactor } from '../../activities/redact.ts';
import { MAX_READING_BYTES, transcripts } from '../../activities/transcripts.ts';
import type { TranscriptOrder, TranscriptReading } from '../../activities/transcripts.ts';
import { temporaryFolder } from '../support/folder.ts';

const key = { workflowId: 'shop/SPEC-1', firstRunId: 'f1' };

interface Host {
  readonly home: string;
  /** The transcript of a session, in a folder that is there. */
  file(session: string): Promise<string>;
  read(order?: Partial<TranscriptOrder>, signal?: AbortSignal): Promise<TranscriptReading>;
}

async function host(secrets: readonly string[] = []): Promise<Host> {
  const home = await temporaryFolder();
  const shelves = { home, artifacts: fileArtifacts(path.join(home, 'artifacts')), redact: redactor(secrets) };
  return {
    home,
    file: async (session) => {
      await mkdir(jobFolder(home, key, session), { recursive: true });
      return path.join(jobFolder(home, key, session), 'transcript.jsonl');
    },
    read: (order = {}, signal = new AbortController().signal) =>
      transcripts(
        shelves,
        { key, after: {}, archived: [], waitSeconds: 0, ...order },
        { signal, progress: () => undefined },
      ),
  };
}

/** Numbered events, each a line; without padding, of `LINE` bytes. */
const events = (from: number, to: number, padding = ''): string =>
  Array.from(
    { length: to - from },
    (_, index) => `{"n":"${String(from + index).padStart(4, '0')}","text":"${padding}"}\n`,
  ).join('');
const LINE = events(0, 1).length;

test('each order gives what was written since the last one, older sessions first', async () => {
  const { file, read } = await host();
  await appendLines(await file('implement-2'), events(5, 6));
  await appendLines(await file('diagnose-1'), events(3, 4));
  await appendLines(await file('implement-1'), events(0, 2));
  await appendLines(await file('implement-1.1'), events(7, 8));
  const first = await read();
  expect(first).toEqual({
    chunks: [
      { session: 'implement-1', from: 0, next: 2 * LINE, text: events(0, 2) },
      { session: 'diagnose-1', from: 0, next: LINE, text: events(3, 4) },
      { session: 'implement-2', from: 0, next: LINE, text: events(5, 6) },
      { session: 'implement-1.1', from: 0, next: LINE, text: events(7, 8) },
    ],
    more: false,
  });
  const after = { 'implement-1': 2 * LINE, 'diagnose-1': LINE, 'implement-2': LINE, 'implement-1.1': LINE };
  expect(await read({ after })).toEqual({ chunks: [], more: false });
  await appendLines(await file('implement-2'), events(6, 7));
  expect(await read({ after })).toEqual({
    chunks: [{ session: 'implement-2', from: LINE, next: 2 * LINE, text: events(6, 7) }],
    more: false,
  });
});

test('an answer is bounded, says that there is more, and all answers together are the whole', async () => {
  const { file, read } = await host();
  const text = events(0, 4000, 'ä'.repeat(90));
  await appendLines(await file('implement-1'), text);
  const sizes: number[] = [];
  let all = '';
  for (let after = 0, more = true; more;) {
    const reading = await read({ after: { 'implement-1': after } });
    sizes.push(reading.chunks.reduce((sum, chunk) => sum + Buffer.byteLength(chunk.text), 0));
    all += reading.chunks.map((chunk) => chunk.text).join('');
    after = reading.chunks.at(-1)?.next ?? after;
    ({ more } = reading);
  }
  expect(all === text).toBe(true);
  expect(sizes.length).toBeGreaterThan(2);
  expect(Math.max(...sizes)).toBeLessThanOrEqual(MAX_READING_BYTES);
});

test('a line that is longer than an answer comes in parts that break no character', async () => {
  const { file } = await host();
  const name = await file('implement-1');
  const line = `{"text":"${'🙂'.repeat(100)}"}\n`;
  await writeFile(name, line);
  const parts: string[] = [];
  for (let at = 0; ;) {
    const part = await readTranscript(name, at, 50);
    if (part === undefined) break;
    parts.push(part.text);
    at = part.next;
  }
  expect(parts.join('')).toBe(line);
  expect(parts.length).toBeGreaterThan(8);
});

test('a reader in the cut middle is told what is gone, one behind it goes on, none sees an event twice', async () => {
  const { file } = await host();
  const name = await file('implement-1');
  const small = { maxBytes: 40 * LINE };
  await appendLines(name, events(0, 30), small);
  await appendLines(name, events(30, 50), small);
  const read = (line: number): ReturnType<typeof readTranscript> => readTranscript(name, line * LINE, 1_000_000);
  const cut = `{"type":"cut","events":20,"bytes":${20 * LINE}}\n`;
  expect(await read(0)).toEqual({ from: 0, next: 10 * LINE, text: events(0, 10) });
  for (const line of [10, 20, 29]) expect(await read(line)).toEqual({ from: 10 * LINE, next: 30 * LINE, text: cut });
  for (const line of [30, 45])
    expect(await read(line)).toEqual({ from: line * LINE, next: 50 * LINE, text: events(line, 50) });
  expect(await read(50)).toBeUndefined();
  await appendLines(name, events(50, 80), small);
  const more = `{"type":"cut","events":50,"bytes":${50 * LINE}}\n`;
  expect(await read(50)).toEqual({ from: 10 * LINE, next: 60 * LINE, text: more });
  expect(await read(60)).toEqual({ from: 60 * LINE, next: 80 * LINE, text: events(60, 80) });
  await appendLines(name, events(0, 10), { begin: true });
  expect(await read(80)).toBeUndefined();
});

test('a transcript that is begun anew with other events is read from its beginning', async () => {
  const { file } = await host();
  const name = await file('implement-1');
  const at = 5 * LINE;
  await appendLines(name, events(0, 5));
  await appendLines(name, events(0, 5), { begin: true });
  expect(await readTranscript(name, at, 1_000_000)).toBeUndefined();
  const other = events(0, 20, 'other');
  await appendLines(name, other, { begin: true });
  expect(await readTranscript(name, at, 1_000_000)).toEqual({ from: 0, next: other.length, text: other });
  await appendLines(name, events(0, 2), { begin: true });
  expect(await readTranscript(name, at, 1_000_000)).toBeUndefined();
  await utimes(name, 0, 0);
  expect(await readTranscript(name, at, 1_000_000)).toEqual({ from: 0, next: 2 * LINE, text: events(0, 2) });
});

test('a line that is still being written is left for the next order', async () => {
  const { file } = await host();
  const name = await file('implement-1');
  await writeFile(name, `${events(0, 1)}{"n":`);
  expect(await readTranscript(name, 0, 1_000_000)).toEqual({ from: 0, next: LINE, text: events(0, 1) });
  expect(await readTranscript(name, LINE, 1_000_000)).toBeUndefined();
});

test('an order cannot name its way out of the run, nor follow a link out of it', async () => {
  const { home, file, read } = await host();
  const outside = path.join(home, 'outside');
  await mkdir(outside);
  await writeFile(path.join(outside, 'transcript.jsonl'), 'private\n');
  await appendLines(await file('implement-1'), events(0, 1));
  await symlink(outside, jobFolder(home, key, 'implement-2'));
  await symlink(path.join(outside, 'transcript.jsonl'), await file('implement-3'));
  const names = ['../../../outside', '../outside', path.join(home, 'outside'), '..', 'outside', '.', ''];
  const after = Object.fromEntries([...names, '__proto__', 'constructor'].map((name) => [name, 0]));
  const strange = { workflowId: '../outside', firstRunId: '..' };
  expect(await read({ after, archived: names })).toEqual({
    chunks: [{ session: 'implement-1', from: 0, next: LINE, text: events(0, 1) }],
    more: false,
  });
  expect(await read({ key: strange, archived: names })).toEqual({ chunks: [], more: false });
});

test('positions that are none read from the beginning', async () => {
  const { file, read } = await host();
  await appendLines(await file('implement-1'), events(0, 1));
  for (const position of [-1, 0.5, Number.NaN, Infinity])
    expect((await read({ after: { 'implement-1': position } })).chunks.map(({ text }) => text)).toEqual([events(0, 1)]);
});

test('an event that only looks like a cut is shown like any other', async () => {
  const { file, read } = await host();
  const lines = `${events(0, 1)}{"type":"cut","events":1,"bytes":${'9'.repeat(40)}}\n${events(1, 2)}`;
  await writeFile(await file('implement-1'), lines);
  expect((await read()).chunks.map(({ text }) => text)).toEqual([lines]);
});

test('the archived transcript stands in where asked for, and only where the host has no other', async () => {
  const { home, file, read } = await host();
  const store = fileArtifacts(path.join(home, 'artifacts'));
  for (const session of ['implement-1', 'implement-2', 'implement-3'])
    await store.put(artifactFolder(key), `${session}/transcript.jsonl`, `{"archived":"${session}"}\n`);
  await appendLines(await file('implement-2'), events(0, 1));
  const { chunks } = await read({ archived: ['implement-1', 'implement-2'] });
  expect(chunks.map(({ session, text }) => [session, text])).toEqual([
    ['implement-1', '{"archived":"implement-1"}\n'],
    ['implement-2', events(0, 1)],
  ]);
});

test('secrets of the host do not leave it', async () => {
  const { file, read } = await host(['canary-of-the-test']);
  await writeFile(await file('implement-1'), '{"text":"it is canary-of-the-test"}\n');
  expect((await read()).chunks.map(({ text }) => text)).toEqual(['{"text":"it is [redacted]"}\n']);
});

test('an order that waits is answered by the next event, or at once when the worker stops', async () => {
  const { file, read } = await host();
  const name = await file('implement-1');
  const waiting = read({ waitSeconds: 20 });
  await appendLines(name, events(0, 1));
  expect((await waiting).chunks.map(({ text }) => text)).toEqual([events(0, 1)]);
  const stop = new AbortController();
  const idle = read({ waitSeconds: 20, after: { 'implement-1': LINE } }, stop.signal);
  stop.abort();
  expect(await idle).toEqual({ chunks: [], more: false });
});
