import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { execa } from 'execa';
import { temporaryFolder } from '../support/folder.ts';
import { writeFiles } from '../support/repository.ts';

const CLI = path.resolve(import.meta.dirname, '../../client/main.ts');

/** Runs `judge run` beside a kept run of these files. */
async function judged(folder: string, ...options: readonly string[]): Promise<string> {
  const args = ['--disable-warning=ExperimentalWarning', CLI, 'judge', 'run', ...options];
  const env = { PATH: process.env['PATH'] ?? '', HOME: folder, SPEC_TO_PR_HOME: path.join(folder, 'state') };
  return (await execa(process.execPath, args, { cwd: folder, env, extendEnv: false })).stdout;
}

test('the report beside the output is read, and of a broken one it is said what is wrong with it', async () => {
  const folder = await temporaryFolder();
  const tap = 'TAP version 13\nok 1 - a\nnot ok 2 - b\n1..2\n';
  writeFiles(path.join(folder, 'run'), { 'stdout.txt': '2 tests ran\n', exit_code: '1\n', 'report.tap': tap });
  expect(JSON.parse(await judged(folder, '--json'))).toEqual({
    class: 'test_failure',
    fingerprint: expect.stringMatching(/^[0-9a-f]{32}$/),
    passed: 1,
    failed: 1,
    total: 2,
  });
  expect(await judged(folder)).toContain('read by      tap\n');
  writeFileSync(path.join(folder, 'run', 'report.json'), '{"suites": [');
  expect(await judged(folder)).toContain(
    'unread       the report report.json is JSON that is broken or cut off: the output was judged in its place\n',
  );
});
