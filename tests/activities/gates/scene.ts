import path from 'node:path';
import { runGateCommand } from '../../../activities/gates/command.ts';
import type { CommandVerdict, GateCommand } from '../../../activities/gates/command.ts';
import type { Io } from '../../../activities/io.ts';
import { temporaryFolder } from '../../support/folder.ts';
import { writeFiles } from '../../support/repository.ts';
import type { Files } from '../../support/repository.ts';

export interface Scene {
  readonly folder: string;
  readonly directory: string;
  readonly keep: string;
  run(command: Partial<GateCommand> & { run: string }, signal?: AbortSignal): Promise<CommandVerdict>;
}

/** A worktree with these files, and a way to run `api:unit` in it. */
export async function scene(files: Files = {}, worktree = 'api'): Promise<Scene> {
  const folder = await temporaryFolder();
  const directory = path.join(folder, worktree);
  const keep = path.join(folder, 'keep');
  writeFiles(directory, { 'README.md': '', ...files });
  const environment = { PATH: process.env['PATH'] ?? '', HOME: path.join(folder, 'home') };
  const redact = (text: string): string => text;
  const base = { redact, name: 'api:unit', reports: [], directory, environment, seconds: 60, keep };
  return {
    folder,
    directory,
    keep,
    run: (command, signal = new AbortController().signal) => {
      const io: Io = { signal, progress: () => undefined };
      return runGateCommand({ ...base, ...command }, io);
    },
  };
}

/** JUnit XML with these tests; a text is a failure's message, `null` a skipped test. */
export function junit(tests: Readonly<Record<string, true | null | string>>): string {
  const cases = Object.entries(tests).map(([name, result]) => {
    const inside = result === true ? '' : result === null ? '<skipped/>' : `<failure message="${result}"/>`;
    return `<testcase classname="unit" name="${name}" time="0.1">${inside}</testcase>`;
  });
  return `<testsuites><testsuite name="all">${cases.join('')}</testsuite></testsuites>`;
}

/** A test file of Node's own runner whose tests compare these pairs of numbers. */
export function nodeTests(tests: Readonly<Record<string, readonly [number, number]>>): string {
  const lines = Object.entries(tests).map(
    ([name, [actual, expected]]) => `test(${JSON.stringify(name)}, () => assert.equal(${actual}, ${expected}));`,
  );
  return ["import assert from 'node:assert/strict';", "import { test } from 'node:test';", ...lines].join('\n');
}

export const NODE_TEST =
  'mkdir -p reports && node --test --test-reporter=spec --test-reporter-destination=stdout --test-reporter=junit --test-reporter-destination=reports/unit.xml';
