import { spawn } from 'node:child_process';
import { expect, test } from '@jest/globals';
import { startTimeOf } from '../../../activities/process/identity.ts';
import { processTable, withKin } from '../../../activities/process/table.ts';
import type { ProcessRow } from '../../../activities/process/table.ts';

const row = (pid: number, parent: number, more: Partial<ProcessRow> = {}): ProcessRow => ({
  ...{ pid, parent, group: pid, session: pid, startTime: `at ${pid}` },
  ...more,
});

test('children and their children belong to a process, and who is in a group or session that one of them leads', () => {
  const table = [
    row(13, 12),
    row(12, 11),
    row(11, 1),
    row(14, 1, { group: 12 }),
    row(15, 1, { session: 13 }),
    row(20, 1),
  ];
  const kin = [11, 12, 13, 14, 15].map((pid) => [pid, `at ${pid}`] as const);
  expect(withKin(table, new Map([[11, 'at 11']]))).toEqual(new Map(kin));
});

test('nobody belongs to a process that has ended, also where another one has its pid now', () => {
  const table = [row(11, 1, { startTime: 'later' }), row(12, 11), row(21, 20), row(22, 1, { group: 20 })];
  const known = new Map([
    [11, 'at 11'],
    [20, 'at 20'],
  ]);
  expect(withKin(table, known)).toEqual(known);
});

test('the table has a live process with its parent and the start time that it is known by', async () => {
  const child = spawn('sleep', ['60'], { detached: true });
  try {
    const pid = child.pid ?? 0;
    const found = (await processTable()).find((process) => process.pid === pid);
    expect(found).toMatchObject({ parent: process.pid, group: pid, startTime: await startTimeOf(pid) });
  } finally {
    child.kill('SIGKILL');
  }
});
