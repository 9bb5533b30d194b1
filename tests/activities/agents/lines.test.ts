import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { follower } from '../../../activities/agents/lines.ts';
import type { AgentEvent } from '../../../activities/agents/lines.ts';
import { appendLines } from '../../../activities/agents/transcript.ts';
import { temporaryFolder } from '../../support/folder.ts';

interface Scene {
  readonly source: string;
  readonly transcript: string;
  readonly events: AgentEvent[];
  follow(last?: 'last'): Promise<void>;
}

async function scene(): Promise<Scene> {
  const folder = await temporaryFolder();
  const [source, transcript] = [path.join(folder, 'stdout'), path.join(folder, 'transcript.jsonl')];
  writeFileSync(source, '');
  const events: AgentEvent[] = [];
  const redact = (text: string): string => text.replaceAll('hunter2', '[redacted]');
  return {
    source,
    transcript,
    events,
    follow: follower({ source, transcript, redact }, (event) => events.push(event)),
  };
}

const read = (file: string): readonly AgentEvent[] =>
  readFileSync(file, 'utf8')
    .trim()
    .split('\n')
    .map((line): AgentEvent => JSON.parse(line));

test('each event is in the transcript as soon as it was read, once; half a line waits for its other half', async () => {
  const { source, transcript, events, follow } = await scene();
  appendFileSync(source, '{"type":"text","text":"one"}\n{"type":"te');
  await follow();
  expect(read(transcript)).toEqual([{ type: 'text', text: 'one' }]);
  appendFileSync(source, 'xt","text":"two hunter2"}\n');
  await follow();
  await follow();
  expect(read(transcript)).toEqual([
    { type: 'text', text: 'one' },
    { type: 'text', text: 'two [redacted]' },
  ]);
  expect(events.map(({ text }) => text)).toEqual(['one', 'two hunter2']);
});

test('what is no JSON object is an event, too, and so is the line in whose middle the writer died', async () => {
  const { source, transcript, follow } = await scene();
  appendFileSync(source, 'plain\n[1]\nnull\n"text"\n{"broken": \n\n{"type":"text","text":"half');
  await follow();
  await follow('last');
  const output = (text: string): object => ({ type: 'output', text });
  const lines = ['plain', '[1]', 'null', '"text"', '{"broken": ', '{"type":"text","text":"half'];
  expect(read(transcript)).toEqual(lines.map(output));
});

test('a result without a line end is read when its writer has ended', async () => {
  const { source, events, follow } = await scene();
  appendFileSync(source, '{"type":"end","as":"done"}');
  await follow();
  expect(events).toEqual([]);
  await follow('last');
  await follow('last');
  expect(events).toEqual([{ type: 'end', as: 'done' }]);
});

test('a follower that begins anew writes the same transcript', async () => {
  const { source, transcript, follow } = await scene();
  appendFileSync(source, '{"type":"text","text":"one"}\n{"type":"text","text":"zwei €"}\n');
  await follow();
  const first = readFileSync(transcript, 'utf8');
  const again = follower({ source, transcript, redact: (text) => text }, () => undefined);
  await again();
  expect(readFileSync(transcript, 'utf8')).toBe(first);
});

test('a line of many megabytes is cut, and the lines after it are read', async () => {
  const { source, events, follow } = await scene();
  for (let part = 0; part < 5; part += 1) {
    appendFileSync(source, 'x'.repeat(4 * 1024 * 1024));
    await follow();
  }
  appendFileSync(source, '\n{"type":"text","text":"after"}\n');
  await follow();
  expect(events).toEqual([
    { type: 'output', text: `${'x'.repeat(8000)}… (${20 * 1024 * 1024} bytes)` },
    { type: 'text', text: 'after' },
  ]);
});

test('a transcript that grows too large keeps its beginning and its newest events; a line says what was cut, all of it', async () => {
  const file = path.join(await temporaryFolder(), 'transcript.jsonl');
  const line = (number: number): string =>
    `${JSON.stringify({ type: 'text', text: String(number).padStart(70, '.') })}\n`;
  const [bytes, count, maxBytes] = [line(0).length, 1000, 10_000];
  for (let number = 0; number < count; number += 1) await appendLines(file, line(number), { maxBytes });
  const events = read(file);
  const at = events.findIndex(({ type }) => type === 'cut');
  const numbers = events
    .filter(({ type }) => type === 'text')
    .map(({ text }) => Number(String(text).replaceAll('.', '')));
  expect(readFileSync(file).length).toBeLessThanOrEqual(maxBytes);
  expect(events.filter(({ type }) => type === 'cut')).toHaveLength(1);
  const gone = count - numbers.length;
  expect(events[at]).toEqual({ type: 'cut', events: gone, bytes: gone * bytes });
  expect(numbers.slice(0, at)).toEqual(Array.from({ length: at }, (_, index) => index));
  expect(numbers.slice(at)).toEqual(Array.from({ length: numbers.length - at }, (_, index) => at + gone + index));
  expect([at > 10, numbers.length - at > 40]).toEqual([true, true]);
});
