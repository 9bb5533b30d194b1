import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { fileArtifacts } from '../../activities/artifacts/index.ts';
import { appendLines } from '../../activities/agents/transcript.ts';
import { artifactFolder, jobFolder } from '../../activities/folders.ts';
import { transcriptReader } from '../../client/transcripts.ts';
import type { HeldSession } from '../../client/transcripts.ts';
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

/** Hosts by name, each with the transcripts of a run, and a reader of them on a host of its own. */
async function hosts(...names: readonly string[]) {
  const homes = new Map<string, string>();
  for (const name of ['here', ...names]) homes.set(name, await temporaryFolder());
  const gone = new Map<string, Date>();
  const on = (name: string) => localTranscripts({ SPEC_TO_PR_HOME: homes.get(name) });
  const lines: string[] = [];
  const reader = transcriptReader({
    key,
    local: { ...on('here'), host: 'here' },
    readOn: async (name, order) => {
      if (gone.has(name)) throw new HostGone(name, gone.get(name));
      return on(name).read(order);
    },
    print: (session, line) => lines.push(`${session}  ${line}`),
  });
  return {
    gone,
    write: async (name: string, session: string, written: readonly string[]): Promise<void> => {
      const folder = jobFolder(homes.get(name) ?? '', key, session);
      await mkdir(folder, { recursive: true });
      await appendLines(path.join(folder, 'transcript.jsonl'), text(written));
    },
    archive: async (name: string, session: string, written: readonly string[]): Promise<void> => {
      const store = fileArtifacts(path.join(homes.get(name) ?? '', 'artifacts'));
      await store.put(artifactFolder(key), `${session}/transcript.jsonl`, text(written));
    },
    /** Looks once. Gives what was printed, and which sessions of which host are out of reach. */
    look: async (held: readonly HeldSession[], current?: string) => {
      const { missing } = await reader.look({ held, current, waitSeconds: 0, last: true });
      return { printed: lines.splice(0), missing };
    },
  };
}

const held = (name: string, host: string, lines: readonly string[]): HeldSession => ({
  name,
  host,
  bytes: text(lines).length,
});

test('the archive of any host goes on where a host that does not answer any more was read up to', async () => {
  const { write, archive, gone, look } = await hosts('a', 'b');
  const [whole, next] = [numbered(0, 5), numbered(5, 7)];
  await write('a', 'implement-1', whole.slice(0, 2));
  expect(await look([], 'a')).toEqual({ printed: of('implement-1', whole.slice(0, 2)), missing: [] });
  gone.set('a', new Date(0));
  const first = held('implement-1', 'a', whole);
  const missing = [{ host: 'a', lastSeen: new Date(0), sessions: ['implement-1'] }];
  expect(await look([first], 'a')).toEqual({ printed: [], missing });
  await write('b', 'implement-2', next);
  await archive('b', 'implement-1', whole);
  const printed = [...of('implement-1', whole.slice(2)), ...of('implement-2', next)];
  expect(await look([first, held('implement-2', 'b', next)])).toEqual({ printed, missing: [] });
  expect(await look([first, held('implement-2', 'b', next)])).toEqual({ printed: [], missing: [] });
});

test('an archive that several hosts have is read once, and not at all while its own host answers', async () => {
  const { write, archive, gone, look } = await hosts('a', 'b', 'c');
  const [one, two, three] = [numbered(0, 2), numbered(2, 3), numbered(3, 4)];
  const all = [held('implement-1', 'a', one), held('implement-2', 'b', two), held('implement-3', 'c', three)];
  await write('a', 'implement-1', one);
  await write('b', 'implement-2', two);
  await write('c', 'implement-3', three);
  for (const name of ['here', 'a', 'b', 'c']) await archive(name, 'implement-1', one);
  for (const name of ['b', 'c']) await archive(name, 'implement-2', two);
  gone.set('b', new Date(0));
  const printed = [...of('implement-1', one), ...of('implement-2', two), ...of('implement-3', three)];
  expect(await look(all)).toEqual({ printed, missing: [] });
});

test('what was held on a host that nobody can reach is missing, and a session at work there too', async () => {
  const { gone, look, write } = await hosts('a');
  gone.set('a', new Date(1000));
  const [one, two] = [numbered(0, 2), numbered(2, 3)];
  const sessions = [held('implement-1', 'a', one), held('diagnose-1', 'a', two)];
  const lastSeen = new Date(1000);
  expect(await look(sessions)).toEqual({
    printed: [],
    missing: [{ host: 'a', lastSeen, sessions: ['implement-1', 'diagnose-1'] }],
  });
  expect(await look([], 'a')).toEqual({ printed: [], missing: [{ host: 'a', lastSeen, sessions: [] }] });
  gone.delete('a');
  await write('a', 'implement-1', one);
  expect(await look(sessions.slice(0, 1))).toEqual({ printed: of('implement-1', one), missing: [] });
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
