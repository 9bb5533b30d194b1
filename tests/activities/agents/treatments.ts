import { existsSync } from 'node:fs';
import { readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { expect } from '@jest/globals';
import { Interruption } from '../../../activities/io.ts';
import { toolFiles } from '../../../activities/agents/tools/files.ts';
import { parentOf } from '../../support/processes.ts';
import { LONG, SECRET } from './cases.ts';
import type { Act, Candidate, Treatment } from './cases.ts';
import { kill } from './contract.ts';
import type { Scene } from './contract.ts';
import type { Stager } from './suite.ts';

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

/** What is done to the agent's processes from outside, and what must hold then. */
export const TREATMENT_TESTS: Readonly<Record<Treatment, (candidate: Candidate, stage: Stager) => Promise<void>>> = {
  crash: crashes,
  resume: resumes,
  orphans: leavesNone,
  leftovers: tidiesUp,
  're-attach': reattaches,
  cancel: stops,
  inspection: inspects,
  parked: goesOn,
  transcript: transcribes,
};

async function crashes(candidate: Candidate, stage: Stager): Promise<void> {
  const scene = await stage(
    candidate,
    Array.from({ length: 9 }, (): Act => ({ run: LONG })),
  );
  const over = new AbortController();
  const running = scene.run().finally(() => over.abort());
  while (!over.signal.aborted) {
    await wait(50);
    const sign = path.join(scene.task.directory, 'started');
    if (!existsSync(sign)) continue;
    await rm(sign);
    kill(await scene.living());
  }
  expect(await running).toMatchObject({ end: 'crashed' });
  expect(await scene.living()).toEqual([]);
}

async function resumes(candidate: Candidate, stage: Stager): Promise<void> {
  const first: Act = { write: 'first.txt', content: 'x\n' };
  const scene = await stage(candidate, [first, { run: LONG }, REPORTED]);
  const running = scene.run();
  await started(scene, running);
  // A conversation that was begun anew would show by its first act.
  scene.direct([{ write: 'again.txt', content: 'x\n' }, REPORTED, REPORTED, REPORTED]);
  kill(await scene.living());
  const ended = await running;
  expect(ended).toMatchObject({ end: 'done', summary: 'all done' });
  expect((await readdir(scene.task.directory)).toSorted()).toEqual(['first.txt', 'started']);
  expect(await scene.living()).toEqual([]);
}

/** Leaves a server behind, in a session of its own, and waits until it listens. */
const SERVER = `
const { spawn } = require('node:child_process');
const { existsSync } = require('node:fs');
const serve = "const s = require('node:net').createServer().listen(0, '127.0.0.1', () => require('node:fs').writeFileSync('port', String(s.address().port)))";
spawn(process.execPath, ['-e', serve], { detached: true, stdio: 'ignore' }).unref();
const poll = setInterval(() => existsSync('port') && clearInterval(poll), 20);
`;

async function leavesNone(candidate: Candidate, stage: Stager): Promise<void> {
  const scene = await stage(candidate, [{ run: `node server.cjs; ${LONG}` }, REPORTED]);
  const { directory } = scene.task;
  await writeFile(path.join(directory, 'server.cjs'), SERVER);
  const running = scene.run();
  await started(scene, running);
  const port = Number(await readFile(path.join(directory, 'port'), 'utf8'));
  expect(await answers(port)).toBe(true);
  scene.direct([REPORTED, REPORTED, REPORTED]);
  kill(await clis(scene));
  const ended = await running;
  expect({ ...ended, left: await scene.living(), open: await answers(port) }).toMatchObject({
    ...{ end: candidate.lacks.resume === undefined ? 'done' : 'crashed', left: [], open: false },
  });
}

/** The session itself ends well; what it started and forgot does not outlive it. */
async function tidiesUp(candidate: Candidate, stage: Stager): Promise<void> {
  const patience = 'until [ -e port ]; do sleep 0.05; done';
  const scene = await stage(candidate, [{ run: `timeout 20 node server.cjs; ${patience}` }, REPORTED]);
  const { directory } = scene.task;
  await writeFile(path.join(directory, 'server.cjs'), SERVER);
  const ended = await scene.run();
  const port = Number(await readFile(path.join(directory, 'port'), 'utf8'));
  expect({ ...ended, left: await scene.living(), open: await answers(port) }).toMatchObject({
    ...{ end: 'done', left: [], open: false },
  });
}

/** Pids of the programs that the supervisors of the calls started: the CLIs, without what these started. */
async function clis(scene: Scene): Promise<readonly number[]> {
  const supervisors = (await scene.records()).map(({ pid }) => pid);
  const living = await scene.living();
  const parents = await Promise.all(living.map(parentOf));
  const found = living.filter((_, index) => supervisors.includes(parents[index] ?? 0));
  expect(found.length).toBe(1);
  return found;
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}

async function reattaches(candidate: Candidate, stage: Stager): Promise<void> {
  const scene = await stage(candidate, [{ run: LONG }, REPORTED]);
  const first = new AbortController();
  const running = scene.run({ signal: first.signal });
  await started(scene, running);
  first.abort(new Interruption('detach'));
  await expect(running).rejects.toMatchObject({ mode: 'detach' });
  const [before, records] = [await scene.living(), await scene.records()];
  expect(before.length).toBeGreaterThan(1);
  const second = new AbortController();
  const again = scene.run({ signal: second.signal });
  await wait(300);
  // It may have started more in the meantime, but is the same.
  expect(await scene.living()).toEqual(expect.arrayContaining([...before]));
  expect(await scene.records()).toEqual(records);
  second.abort(new Interruption('stop'));
  await expect(again).rejects.toMatchObject({ mode: 'stop' });
  expect(await scene.living()).toEqual([]);
}

async function stops(candidate: Candidate, stage: Stager): Promise<void> {
  const scene = await stage(candidate, [{ run: LONG }, REPORTED]);
  const stop = new AbortController();
  const running = scene.run({ signal: stop.signal });
  await started(scene, running);
  stop.abort(new Interruption('stop'));
  await expect(running).rejects.toMatchObject({ mode: 'stop' });
  expect(await scene.living()).toEqual([]);
}

async function goesOn(candidate: Candidate, stage: Stager): Promise<void> {
  const first: Act = { write: 'hello.txt', content: 'hello\n' };
  const scene = await stage(candidate, [first, { fault: { status: 429 } }, REPORTED]);
  const parked = await scene.run();
  expect(parked).toMatchObject({ end: 'quota_parked' });
  scene.direct([first, REPORTED]);
  const ended = await scene.run();
  expect(ended).toMatchObject({ end: 'done', sessionId: parked.sessionId });
  expect(ended.tokens).toBeGreaterThanOrEqual(parked.tokens);
}

async function inspects(candidate: Candidate, stage: Stager): Promise<void> {
  const scene = await stage(candidate, [{ inspect: { service: 'api', command: ['cat', 'app.log'] } }, REPORTED]);
  const { asked, answered } = toolFiles(scene.task.jobDirectory);
  const over = new AbortController();
  const inspect = { services: ['api'], commands: ['cat'] };
  const running = scene.run({}, { inspect }).finally(() => over.abort());
  while (!over.signal.aborted && !existsSync(asked)) await wait(50);
  const question: object = JSON.parse(await readFile(asked, 'utf8'));
  expect(question).toMatchObject({ service: 'api', command: ['cat', 'app.log'] });
  const answer = { number: 1, at: new Date().toISOString(), exitCode: 0, text: 'what stands in the log' };
  await writeFile(answered, `${JSON.stringify({ ...question, ...answer })}\n`);
  const { end, transcript } = await running;
  const events = (await readFile(transcript, 'utf8')).trim().split('\n');
  const results = events.filter((line) => line.includes('"type":"tool_result"')).join('');
  expect([end, results]).toEqual(['done', expect.stringContaining('what stands in the log')]);
}

async function transcribes(candidate: Candidate, stage: Stager): Promise<void> {
  const acts: readonly Act[] = [
    { write: 'hello.txt', content: 'hello\n' },
    { run: `sleep 0.1; echo ${SECRET}` },
    REPORTED,
  ];
  const scene = await stage(candidate, acts);
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
}

async function started({ task }: Scene, running: Promise<unknown>): Promise<void> {
  const over = new AbortController();
  const ended = (): void => over.abort();
  void running.then(ended, ended);
  while (!existsSync(path.join(task.directory, 'started'))) {
    if (over.signal.aborted) throw new Error(`the session ended too early: ${JSON.stringify(await running)}`);
    await wait(50);
  }
}
