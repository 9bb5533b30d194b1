import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { appendLines } from '../../activities/agents/transcript.ts';
import { jobFolder } from '../../activities/folders.ts';
import { refill, showAll, sourceOf } from '../../client/transcript-source.ts';
import { HostGone } from '../../client/host-transcripts.ts';
import type { Source } from '../../client/transcript-source.ts';
import { localTranscripts } from '../../worker/transcripts.ts';
import { temporaryFolder } from '../support/folder.ts';

const key = { workflowId: 'shop/SPEC-1', firstRunId: 'f1' };

/** A host on this machine, with what is written there. */
async function host(): Promise<{
  source: Source;
  write(session: string, text: string, maxBytes?: number): Promise<void>;
}> {
  const home = await temporaryFolder();
  const local = localTranscripts({ SPEC_TO_PR_HOME: home });
  return {
    source: sourceOf((after) => local.read({ key, after, archived: [], waitSeconds: 0 })),
    write: async (session, text, maxBytes = 8_000_000) => {
      const folder = jobFolder(home, key, session);
      await mkdir(folder, { recursive: true });
      await appendLines(path.join(folder, 'transcript.jsonl'), text, { maxBytes });
    },
  };
}

/** What a look at the hosts prints. */
async function look(...sources: readonly Source[]): Promise<readonly string[]> {
  const lines: string[] = [];
  for (const source of sources) await refill(source, 0);
  await showAll(sources, (session, line) => lines.push(`${session}  ${line}`));
  return lines;
}

const numbered = (from: number, to: number): readonly string[] =>
  Array.from({ length: to - from }, (_, index) => `{"n":"${String(from + index).padStart(4, '0')}"}`);
const text = (lines: readonly string[]): string => lines.map((line) => `${line}\n`).join('');
const of = (session: string, lines: readonly string[]): readonly string[] => lines.map((line) => `${session}  ${line}`);

test('sessions of several hosts are shown in the order in which they were held, and each line once', async () => {
  const [a, b] = [await host(), await host()];
  const padded = numbered(0, 6000).map((line) => line.replace('}', `,"text":"${'x'.repeat(90)}"}`));
  await a.write('implement-1', text(padded));
  await b.write('diagnose-1', text(['{"b":1}']));
  await a.write('implement-2', text(['{"a":2}']));
  expect(await look(b.source, a.source)).toEqual([
    ...of('implement-1', padded),
    'diagnose-1  {"b":1}',
    'implement-2  {"a":2}',
  ]);
  await b.write('implement-3', text(['{"b":3}']));
  expect(await look(b.source, a.source)).toEqual(['implement-3  {"b":3}']);
});

test('a line that is longer than what is read at once is printed whole', async () => {
  const { source, write } = await host();
  const long = `{"text":"${'ä'.repeat(400_000)}"}`;
  await write('implement-1', text(['{"n":1}', long, '{"n":2}']));
  const printed = await look(source);
  expect(printed.length).toBe(3);
  expect(printed[1] === `implement-1  ${long}`).toBe(true);
});

test('a follower of a transcript whose middle is cut is told so, and goes on with what is left', async () => {
  const { source, write } = await host();
  const size = text(numbered(0, 1)).length;
  const maxBytes = 40 * size;
  await write('implement-1', text(numbered(0, 20)), maxBytes);
  expect(await look(source)).toEqual(of('implement-1', numbered(0, 20)));
  await write('implement-1', text(numbered(20, 50)), maxBytes);
  const cut = `{"type":"cut","events":20,"bytes":${20 * size}}`;
  expect(await look(source)).toEqual(of('implement-1', [cut, ...numbered(30, 50)]));
  await write('implement-1', text(numbered(50, 55)), maxBytes);
  expect(await look(source)).toEqual(of('implement-1', numbered(50, 55)));
});

test('a host that does not answer is marked until it does, and what it had is not lost', async () => {
  const lastSeen = new Date(0);
  let up = false;
  const source = sourceOf(async () => {
    if (!up) throw new HostGone('build-2', lastSeen);
    return { chunks: [{ session: 'implement-1', from: 0, next: 2, text: 'a\n' }], more: false };
  });
  expect(await look(source)).toEqual([]);
  expect(source.gone).toEqual({ since: expect.any(Number), lastSeen });
  up = true;
  expect(await look(source)).toEqual(['implement-1  a']);
  expect(source.gone).toBeUndefined();
});
