import path from 'node:path';
import { expect, test } from '@jest/globals';
import { runToEnd } from '../../../activities/gates/run.ts';
import { findMarked } from '../../../activities/process/marked.ts';
import type { CommandResult } from '../../../activities/process/run-command.ts';
import { temporaryFolder } from '../../support/folder.ts';

const io = { signal: new AbortController().signal, progress: () => undefined };

async function run(line: string, marker: string): Promise<CommandResult> {
  const directory = await temporaryFolder();
  const environment = { PATH: process.env['PATH'] ?? '', HOME: path.join(directory, 'home') };
  return runToEnd({ run: line, directory, environment, seconds: 60, marker }, io);
}

test('a command ends with its exit code while a child in a session of its own holds its output, and the child ends too', async () => {
  const marker = `run-test-held-${process.pid}`;
  const ran = await run('setsid sleep 600 & echo fine; exit 5', marker);
  expect([ran.exitCode, ran.timedOut]).toEqual([5, false]);
  // A host without setsid says so, and has ended the child as well.
  expect(ran.stdout).toBe('fine\n');
  expect(await findMarked(marker)).toEqual([]);
});

test('a command that a signal ended has the exit code that a shell gives it', async () => {
  const ran = await run('kill -9 $$', `run-test-signal-${process.pid}`);
  expect([ran.exitCode, ran.timedOut]).toEqual([137, false]);
});

test('a command that prints more than is kept passes as any other, and its output says what was left out', async () => {
  const ran = await run('yes | head -c 20000000; echo green', `run-test-talks-${process.pid}`);
  const cut = 20_000_006 - 8 * 1024 * 1024;
  expect([ran.exitCode, ran.output.includes(`\n[${cut} bytes left out here]\n`)]).toEqual([0, true]);
  expect(ran.output.endsWith('\ngreen\n')).toBe(true);
});
