import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, expect, test } from '@jest/globals';
import { keeper, shellTool } from '../../../../activities/agents/anthropic/shell.ts';
import { temporaryFolder } from '../../../support/folder.ts';

const pids: number[] = [];

afterEach(() => {
  for (const pid of pids.splice(0))
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It has ended.
    }
});

async function run(command: string, given: { seconds?: number; environment?: Record<string, string | null> } = {}) {
  const directory = await temporaryFolder();
  const shell = { directory, seconds: 20, environment: {}, onOutput: () => undefined, ...given };
  const output = await Promise.resolve(shellTool(shell).run({ command })).catch(
    (error: Error) => `error: ${error.message}`,
  );
  const pid = Number(await readFile(path.join(directory, 'pid'), 'utf8').catch(() => ''));
  if (pid > 0) pids.push(pid);
  return { output, directory, pid };
}

test('a command runs in the folder; its code and both of its outputs are told', async () => {
  const { output, directory } = await run('pwd; echo wrong >&2; exit 3');
  expect(output).toBe(`error: exit code 3\n${directory}\nwrong\n`);
  expect((await run('true')).output).toBe('no output');
});

test('a command that takes too long is ended with its children', async () => {
  const { output, pid } = await run('echo begun; sleep 60 & echo $! >pid; wait', { seconds: 1 });
  expect(output).toBe('error: ended after 1 s\nbegun\n');
  expect(await ended(pid)).toBe(true);
});

test('a process in the background outlives its command and does not hold it', async () => {
  const { output, pid } = await run('sleep 60 & echo $! >pid; echo started');
  expect(output).toBe('started\n');
  expect(process.kill(pid, 0)).toBe(true);
});

test('a variable that is withheld is not there, another one is set', async () => {
  process.env['TEST_PROVIDER_KEY'] = 'visible';
  const script = 'echo "${TEST_PROVIDER_KEY-none} $HOME"';
  expect((await run(script, { environment: { HOME: '/own' } })).output).toBe('visible /own\n');
  const { output } = await run(script, { environment: { TEST_PROVIDER_KEY: null, HOME: '/own' } });
  delete process.env['TEST_PROVIDER_KEY'];
  expect(output).toBe('none /own\n');
});

test('long output keeps its head and its tail', () => {
  const kept = keeper();
  for (let line = 0; line < 100_000; line += 1) kept.add(Buffer.from(`line ${line}\n`));
  const text = kept.text();
  expect(text.slice(0, 14)).toBe('line 0\nline 1\n');
  expect(text.slice(-11)).toBe('line 99999\n');
  expect(text).toMatch(/… \(\d+ bytes cut\)/);
  expect(text.length).toBeLessThan(31_000);
});

test('output that fits is kept as it is', () => {
  const kept = keeper();
  const piece = 'x'.repeat(7000);
  for (let count = 0; count < 4; count += 1) kept.add(Buffer.from(piece));
  expect(kept.text()).toBe(piece.repeat(4));
});

async function ended(pid: number): Promise<boolean> {
  for (let tries = 0; tries < 100; tries += 1) {
    try {
      process.kill(pid, 0);
    } catch {
      return true;
    }
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => ') Z');
    if (/\) Z/.test(stat)) return true;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return false;
}
