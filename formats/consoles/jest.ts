import type { TestCase } from '../reports/report.ts';
import { blocks, failure, reading, sumOf, tally, unique } from './reading.ts';
import type { ConsoleReader, Counts } from './reading.ts';

const TITLE = /^ {2}● (.+)$/;
const END = /^(PASS|FAIL|Test Suites:|Tests:|Summary of all failing tests|A worker process|Seed:|Snapshots:)( |$)/;
const NO_TEST = ['Console', 'Test suite failed to run', 'Cannot log after tests are done'];

/** Jest's default reporter. */
export const jest: ConsoleReader = (lines) => {
  const none = lines.some((line) => /^No tests found(, exiting with code \d)?/.test(line));
  const counted = sumOf(lines.filter((line) => /^Tests:\s+.*\d+ total/.test(line)).map(countsOf));
  const broken: TestCase[] = [];
  const failures: TestCase[] = [];
  let file = '';
  for (const { title, body, at } of blocksWithFile(lines)) {
    file = at;
    const name = title.split(' › ');
    if (title.startsWith('Test suite failed to run') || name.at(-1) === 'Test suite failed to run')
      broken.push(failure(file, body.join('\n'), file));
    else if (!NO_TEST.includes(title)) failures.push(failure(name.join(' '), body.join('\n'), placeOf(body)));
  }
  if (counted === undefined && !none && failures.length + broken.length === 0) return undefined;
  const counts = counted ?? (none ? { passed: 0, failed: 0, total: 0 } : null);
  return reading('jest', { counts, failures: unique(failures), broken: unique(broken) });
};

function countsOf(summary: string): Counts {
  return { passed: tally(summary, 'passed'), failed: tally(summary, 'failed'), total: tally(summary, 'total') };
}

function blocksWithFile(
  lines: readonly string[],
): readonly { readonly title: string; readonly body: readonly string[]; readonly at: string }[] {
  const files: string[] = [];
  let file = '';
  for (const line of lines) {
    file = /^FAIL\s+(?:\S+ )?(\S+\.\w+)/.exec(line)?.[1] ?? file;
    if (TITLE.test(line)) files.push(file);
  }
  return blocks(lines, TITLE, END).map(({ title, body }, index) => ({
    title: (title[1] ?? '').trim(),
    body,
    at: files[index] ?? '',
  }));
}

function placeOf(body: readonly string[]): string {
  const frame = body.find((line) => /^\s+at .*\(?[^()\s]+:\d+:\d+\)?$/.test(line) && !line.includes('node_modules'));
  return /([^()\s]+:\d+):\d+\)?$/.exec(frame ?? '')?.[1] ?? '';
}
