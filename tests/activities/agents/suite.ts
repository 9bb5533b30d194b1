import { existsSync } from 'node:fs';
import { readFile, readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, describe, expect, test } from '@jest/globals';
import type { AgentName } from '../../../activities/agents/index.ts';
import { Interruption } from '../../../activities/io.ts';
import { candidates } from './candidates.ts';
import { CASES, LONG, SECRET, setUp } from './contract.ts';
import type { Act, Candidate, Case, CaseName, Scene } from './contract.ts';

const WORDS = [
  'session',
  'text',
  'reasoning',
  'tool',
  'tool_result',
  'command',
  'file_change',
  'usage',
  'error',
  'end',
];
const REPORTED: Act = { report: { status: 'done' } };
let scene: Scene | undefined;

/** Registers every test of the contract for one adapter. */
export function contract(name: AgentName): void {
  const candidate = candidates.find((one) => one.name === name);
  if (candidate === undefined) throw new Error(`no candidate ${name}`);
  afterEach(async () => {
    await scene?.stop();
    scene = undefined;
  });
  describe(name, () => {
    for (const [title, each] of Object.entries<Case>(CASES))
      if (candidate.lacks[title as CaseName] === undefined) endingTest(candidate, title, each);
    processTests(candidate);
    transcriptTests(candidate);
  });
}

function endingTest(candidate: Candidate, title: string, { acts, limits, ends }: Case): void {
  test(title, async () => {
    scene = await setUp(candidate, acts, limits);
    const ended = await scene.run();
    expect(ended).toMatchObject(ends);
    for (const act of acts)
      if ('write' in act && ends.end === 'done')
        expect(await readFile(path.join(scene.task.directory, act.write), 'utf8')).toBe(act.content);
    expect(await scene.living()).toEqual([]);
  });
}

function processTests(candidate: Candidate): void {
  const cases: Record<Exclude<CaseName, keyof typeof CASES>, () => Promise<void>> = {
    crash: () => crashes(candidate),
    resume: () => resumes(candidate),
    're-attach': () => reattaches(candidate),
    parked: () => goesOn(candidate),
  };
  for (const [title, run] of Object.entries(cases))
    if (candidate.lacks[title as CaseName] === undefined) test(title, run);
}

/** Killed whenever it works, it ends as crashed after a few tries. */
async function crashes(candidate: Candidate): Promise<void> {
  scene = await setUp(
    candidate,
    Array.from({ length: 9 }, (): Act => ({ run: LONG })),
  );
  const over = new AbortController();
  const running = scene.run().finally(() => over.abort());
  while (!over.signal.aborted) {
    await new Promise((resolve) => setTimeout(resolve, 50));
    const sign = path.join(scene.task.directory, 'started');
    if (!existsSync(sign)) continue;
    await rm(sign);
    await kill(scene);
  }
  expect(await running).toMatchObject({ end: 'crashed' });
  expect(await scene.living()).toEqual([]);
}

async function resumes(candidate: Candidate): Promise<void> {
  const first: Act = { write: 'first.txt', content: 'x\n' };
  scene = await setUp(candidate, [first, { run: LONG }, REPORTED]);
  const running = scene.run();
  await started(scene);
  // A conversation that was begun anew would show by its first act.
  scene.direct([{ write: 'again.txt', content: 'x\n' }, REPORTED, REPORTED, REPORTED]);
  await kill(scene);
  const ended = await running;
  expect(ended).toMatchObject({ end: 'done', summary: 'all done' });
  expect((await readdir(scene.task.directory)).toSorted()).toEqual(['first.txt', 'started']);
  expect(await scene.living()).toEqual([]);
}

async function reattaches(candidate: Candidate): Promise<void> {
  scene = await setUp(candidate, [{ run: LONG }, REPORTED]);
  const first = new AbortController();
  const running = scene.run({ signal: first.signal });
  await started(scene);
  first.abort(new Interruption('detach'));
  await expect(running).rejects.toMatchObject({ mode: 'detach' });
  const before = await scene.living();
  const second = new AbortController();
  const again = scene.run({ signal: second.signal });
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(await scene.living()).toEqual(before);
  expect(before.length).toBeGreaterThan(1);
  second.abort(new Interruption('stop'));
  await expect(again).rejects.toMatchObject({ mode: 'stop' });
  expect(await scene.living()).toEqual([]);
}

async function goesOn(candidate: Candidate): Promise<void> {
  const first: Act = { write: 'hello.txt', content: 'hello\n' };
  scene = await setUp(candidate, [first, { fault: { status: 429 } }, REPORTED]);
  const parked = await scene.run();
  expect(parked).toMatchObject({ end: 'quota_parked' });
  scene.direct([first, REPORTED]);
  const ended = await scene.run();
  expect(ended).toMatchObject({ end: 'done', sessionId: parked.sessionId });
  expect(ended.tokens).toBeGreaterThanOrEqual(parked.tokens);
}

function transcriptTests(candidate: Candidate): void {
  test('transcripts have the same event names for every agent, and no secret', async () => {
    const acts: readonly Act[] = [
      { write: 'hello.txt', content: 'hello\n' },
      { run: `sleep 0.1; echo ${SECRET}` },
      REPORTED,
    ];
    scene = await setUp(candidate, acts);
    const { transcript, end } = await scene.run();
    expect(end).toBe('done');
    const text = await readFile(transcript, 'utf8');
    const types = text
      .trim()
      .split('\n')
      .map((line): { type: string } => JSON.parse(line))
      .map(({ type }) => type);
    expect(types.filter((type) => !WORDS.includes(type) && type !== 'output')).toEqual([]);
    expect(types).toEqual(expect.arrayContaining(['file_change', 'command', 'end']));
    expect(text).not.toContain(SECRET);
    expect(text).toContain('[redacted]');
  });
}

async function kill({ living }: Scene): Promise<void> {
  for (const pid of await living())
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It died with the one before.
    }
}

async function started({ task }: Scene): Promise<void> {
  while (!existsSync(path.join(task.directory, 'started'))) await new Promise((resolve) => setTimeout(resolve, 50));
}
