import { afterAll, expect, test } from '@jest/globals';
import { findMarked, stopMarked, MARKER } from '../../../activities/process/marked.ts';
import { runCommand } from '../../../activities/process/run-command.ts';
import type { Command, CommandResult } from '../../../activities/process/run-command.ts';

const MB = 1024 * 1024;
const mark = `run-command-${process.pid}`;

afterAll(() => stopMarked(mark, 0));

async function run(line: string, more: Partial<Command> = {}): Promise<Omit<CommandResult, 'seconds'>> {
  const environment = { PATH: process.env['PATH'] ?? '', [MARKER]: mark };
  const command = { file: '/bin/sh', arguments: ['-c', line], environment, ...more };
  const { seconds, ...rest } = await runCommand(command, { signal: new AbortController().signal });
  expect(seconds).toBeGreaterThan(0);
  return rest;
}

test('a command that prints 300 MB ends by itself, with the head and the tail of it, in bounded memory', async () => {
  const before = process.memoryUsage().rss;
  let peak = before;
  const watch = setInterval(() => (peak = Math.max(peak, process.memoryUsage().rss)), 20);
  const ran = await run('echo first; yes 0123456789abcde | head -c 300000000; echo last; exit 3', { maxBytes: 8 * MB });
  clearInterval(watch);
  const { exitCode, timedOut, output, stdout, cutBytes } = ran;
  expect({ exitCode, timedOut, cutBytes }).toEqual({ exitCode: 3, timedOut: false, cutBytes: 300_000_011 - 8 * MB });
  expect([output.slice(0, 10), output.slice(-5), stdout === output]).toEqual(['first\n0123', 'last\n', true]);
  expect(output).toContain(`\n[${cutBytes} bytes left out here]\n`);
  expect(output.length).toBeLessThan(8 * MB + 100);
  // With all of it in memory it would be 300 MB and more.
  expect((peak - before) / MB).toBeLessThan(200);
});

test('a command ends when it ends, whatever still holds its output, and all that it said is there', async () => {
  const ran = await run('head -c 150000 /dev/zero | tr "\\0" x; (sleep 600; echo late) & echo done >&2; exit 4');
  expect({ ...ran, stdout: ran.stdout.length, output: ran.output.replace(/x+/, '') }).toEqual({
    exitCode: 4,
    stdout: 150_000,
    output: 'done\n',
    timedOut: false,
  });
  expect((await findMarked(mark)).length).toBeGreaterThan(0);
  await stopMarked(mark, 0);
});

test('a child that never stops talking does not keep an ended command', async () => {
  // What it says last is a race with the child's flood, which fills what is kept in a moment.
  const ran = await run('yes & sleep 0.2; exit 7');
  expect([ran.exitCode, ran.timedOut, ran.output.includes('y\ny\n')]).toEqual([7, false, true]);
  await stopMarked(mark, 0);
});

test('a command that is over its time says so, with what it printed', async () => {
  const ran = await run('echo begun; sleep 600', { seconds: 1 });
  expect(ran).toEqual({ exitCode: null, stdout: 'begun\n', output: 'begun\n', timedOut: true });
});

test('a time limit may be any number of seconds, a fraction of a millisecond or a year', async () => {
  const common = { stdout: 'out\n', output: 'out\n' };
  const short = await run('echo out; exec sleep 60', { seconds: 0.9999999 });
  expect(short).toEqual({ ...common, exitCode: null, timedOut: true });
  expect(await run('echo out', { seconds: 366 * 86_400 })).toEqual({ ...common, exitCode: 0, timedOut: false });
});
