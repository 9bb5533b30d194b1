import { mkdtemp, readFile, readdir, realpath, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Dossier } from '../../domain/dossier.ts';
import { state } from '../../workflows/contract.ts';
import { idleProject } from '../support/idle-project.ts';
import { listening } from '../support/listening.ts';
import { startProduct } from '../support/product.ts';
import type { Product } from '../support/product.ts';
import { pasted } from '../support/shell.ts';

let root = '';
let product: Product;
const received: string[] = [];
const statuses: number[] = [];
const hook = createServer((request, response) => {
  let body = '';
  request.on('data', (chunk) => (body += String(chunk)));
  request.on('end', () => {
    const status = statuses.shift() ?? 200;
    const { kind }: { kind: string } = JSON.parse(body);
    received.push(`${kind} ${status}`);
    response.writeHead(status).end();
  });
});

beforeAll(async () => {
  root = await realpath(await mkdtemp(path.join(tmpdir(), 'spec-to-pr-escalation-')));
  product = await startProduct(root, { SPEC_TO_PR_WEBHOOK_URL: `http://127.0.0.1:${await listening(hook)}/` });
}, 60_000);

afterAll(async () => {
  await product.stop();
  hook.closeAllConnections();
  hook.close();
  await rm(root, { recursive: true, force: true });
}, 60_000);

const LOG = [{ name: 'log', options: {} }];
const BOTH = [...LOG, { name: 'webhook', options: {} }];

/** What the log channel of a host was told about a work item. */
async function logged(workId: string, home = root): Promise<readonly { kind: string; title: string; body: string }[]> {
  const lines = (await readFile(path.join(home, 'notifications.jsonl'), 'utf8')).trim().split('\n');
  return lines.map((line) => JSON.parse(line)).filter(({ subject }) => subject.workId === workId);
}

async function kept(workId: string, file: string): Promise<string> {
  const folders = await readdir(path.join(root, 'artifacts'));
  return readFile(path.join(root, 'artifacts', folders.find((name) => name.includes(workId)) ?? '', file), 'utf8');
}

const paste = (command: string): Promise<string> => pasted(command, { home: root, address: product.server.address });

test('a question is kept as a dossier, told once to each channel though one fails twice, and answered by pasted commands', async () => {
  statuses.push(500, 503);
  const handle = await product.start({
    project: { ...(await idleProject(root, 'paste')), notifiers: BOTH },
    text: '# F\n\n- It works.\n',
    workId: 'PASTE',
  });
  expect((await product.settled('PASTE')).escalation?.id).toBe('q1');
  while (!received.includes('escalated 200')) await new Promise((resolve) => setTimeout(resolve, 100));
  expect(received).toEqual(['escalated 500', 'escalated 503', 'escalated 200']);
  const [told, ...more] = await logged('PASTE');
  expect([told?.kind, told?.title, more]).toEqual([
    'escalated',
    expect.stringContaining('PASTE needs a decision: attempts 1 and 2'),
    [],
  ]);
  const place = /The whole dossier: `(.*)`$/.exec(told?.body ?? '')?.[1] ?? '';
  expect(await readFile(place, 'utf8')).toContain('# PASTE needs a decision (q1)');

  const { commands, attempts }: Dossier = JSON.parse(await kept('PASTE', 'dossier-q1.json'));
  expect(attempts.map(({ number, fingerprint }) => [number, fingerprint])).toEqual([
    [1, 'agent:no_change'],
    [2, 'agent:no_change'],
  ]);
  const [retry = ''] = commands.answer;
  expect(await paste(retry)).toBe('retry accepted for q1');
  let run = await product.settled('PASTE');
  while (run.escalation?.id !== 'q2') run = await product.settled('PASTE');
  expect(run.answers).toMatchObject([{ decision: 'retry', guidance: 'what to do differently', question: 'q1' }]);
  expect(await paste(retry)).toContain('the open question is q2, not q1');

  const second: Dossier = JSON.parse(await kept('PASTE', 'dossier-q2.json'));
  expect(await paste(second.commands.temporal.at(-1) ?? '')).toContain('Signal workflow succeeded');
  expect(await handle.result()).toMatchObject({ ending: 'aborted', attempts: { length: 3 } });
}, 60_000);

test('a question that nobody answers is reminded of, then decided by the policy, which no one is blamed for', async () => {
  const waiting = { remindSeconds: 1, fallback: { decision: 'abort' as const, afterSeconds: 2.5 } };
  const handle = await product.start({
    project: { ...(await idleProject(root, 'expire')), notifiers: LOG, waiting },
    text: '# F\n\n- It works.\n',
    workId: 'EXPIRE',
  });
  const run = await handle.result();
  expect([run.ending, run.why]).toEqual(['aborted', expect.stringMatching(/^nobody answered in time: /)]);
  expect(run.answers).toMatchObject([{ decision: 'abort', by: 'policy', channel: 'policy', question: 'q1' }]);
  const kinds = (await logged('EXPIRE')).map(({ kind }) => kind);
  expect([kinds[0], kinds.at(-1), new Set(kinds.slice(1, -1))]).toEqual(['escalated', 'ended', new Set(['reminder'])]);
}, 60_000);

test('a draft of nothing is not decided: the question stays open, and a person still decides', async () => {
  const waiting = { fallback: { decision: 'accept_draft' as const, afterSeconds: 1 } };
  const handle = await product.start({
    project: { ...(await idleProject(root, 'nothing')), notifiers: LOG, waiting },
    text: '# F\n\n- It works.\n',
    workId: 'NOTHING',
  });
  await product.settled('NOTHING');
  const fired = async (): Promise<boolean> =>
    (await handle.fetchHistory()).events?.some(({ timerFiredEventAttributes: timer }) => timer != null) ?? false;
  while (!(await fired())) await new Promise((resolve) => setTimeout(resolve, 100));
  expect((await handle.query(state)).escalation?.id).toBe('q1');
  await handle.signal('answer', { decision: 'abort', by: 'ann' });
  expect(await handle.result()).toMatchObject({ ending: 'aborted', why: expect.stringMatching(/^aborted by ann: /) });
}, 60_000);

test('a channel that failed on one host is tried again on another, where those that were told already stay quiet', async () => {
  received.splice(0);
  statuses.push(...Array.from({ length: 1000 }, () => 500));
  const handle = await product.start({
    project: { ...(await idleProject(root, 'hosts')), notifiers: BOTH },
    text: '# F\n\n- It works.\n',
    workId: 'HOSTS',
  });
  await product.settled('HOSTS');
  while (received.length === 0 || (await logged('HOSTS')).length === 0)
    await new Promise((resolve) => setTimeout(resolve, 100));
  await product.dismiss();
  const elsewhere = path.join(root, 'elsewhere');
  const leave = await product.hireElsewhere(elsewhere);
  statuses.splice(0);
  while (!received.includes('escalated 200')) await new Promise((resolve) => setTimeout(resolve, 100));
  await handle.signal('answer', { decision: 'abort' });
  await handle.result();
  await leave();
  await product.hire();
  const kinds = async (home: string): Promise<readonly string[]> =>
    (await logged('HOSTS', home)).map(({ kind }) => kind);
  expect([await kinds(root), await kinds(elsewhere)]).toEqual([['escalated'], ['ended']]);
  expect(received.filter((what) => !what.endsWith('500'))).toEqual(['escalated 200', 'ended 200']);
}, 60_000);

test('a channel that is away holds up no answer, and without a policy no timer runs while the question is open', async () => {
  statuses.push(...Array.from({ length: 1000 }, () => 500));
  const handle = await product.start({
    project: { ...(await idleProject(root, 'away')), notifiers: BOTH },
    text: '# F\n\n- It works.\n',
    workId: 'AWAY',
  });
  await product.settled('AWAY');
  while ((await logged('AWAY')).length === 0) await new Promise((resolve) => setTimeout(resolve, 100));
  const { events } = await handle.fetchHistory();
  expect(events?.filter(({ timerStartedEventAttributes: timer }) => timer != null)).toEqual([]);
  await handle.signal('answer', { decision: 'abort' });
  while ((await handle.query(state)).ending === null) await new Promise((resolve) => setTimeout(resolve, 100));
  expect((await handle.query(state)).ending).toBe('aborted');
  await handle.terminate('the channel stays away');
}, 60_000);
