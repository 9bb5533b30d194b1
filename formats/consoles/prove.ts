import type { TestCase } from '../reports/report.ts';
import { blocks, failure, reading, unique } from './reading.ts';
import type { ConsoleReader } from './reading.ts';

const SUMMARY = /^Files=\d+, Tests=(\d+),/;
const FILE = /^(\S+) \.{2,} ?(?:\S.*)?$/;

/** Perl's prove, which sums up TAP. It tells skipped tests of failing files only. */
export const prove: ConsoleReader = (lines) => {
  const total = SUMMARY.exec(lines.findLast((line) => SUMMARY.test(line)) ?? '')?.[1];
  const result = lines.findLast((line) => /^Result: (PASS|FAIL|NOTESTS)$/.test(line));
  if (total === undefined || result === undefined) return undefined;
  const sum = (pattern: RegExp): number => lines.reduce((all, line) => all + Number(pattern.exec(line)?.[1] ?? 0), 0);
  const failed = sum(/^Failed (\d+)\/\d+ subtests/);
  const skipped = sum(/^\s*\(less (\d+) skipped subtests?:/);
  const died = [...diedIn(lines, /^All \d+ subtests passed/), ...diedIn(lines, /^No subtests run/)];
  return reading('prove', {
    counts: died.length > 0 ? null : { passed: Number(total) - failed - skipped, failed, total: Number(total) },
    failures: unique([...failedIn(lines), ...diedIn(lines, /^All \d+ subtests passed/)]),
    broken: diedIn(lines, /^No subtests run/),
  });
};

function failedIn(lines: readonly string[]): readonly TestCase[] {
  const head = /^#\s+Failed test '(.*)'$/;
  return blocks(lines, head, /^(\S+ \.\. ?|# Looks like |[^#\s])/).map(({ title, body }) =>
    failure(
      title[1] ?? '',
      body
        .map((line) => line.replace(/^#\s*/, ''))
        .filter((line) => !line.startsWith('at '))
        .join('\n'),
    ),
  );
}

/** Files that ended badly though no test of them failed; why stands above their names. */
function diedIn(lines: readonly string[], remark: RegExp): readonly TestCase[] {
  return lines.flatMap((line, at) => {
    if (!remark.test(line) || !/^Dubious, test returned \d+/.test(lines[at - 1] ?? '')) return [];
    const own = lines.slice(0, at).findLastIndex((each) => FILE.test(each));
    const from = lines
      .slice(0, Math.max(0, own))
      .findLastIndex((each) => FILE.test(each) || /^Failed \d|^ok$/.test(each));
    const said = lines.slice(from + 1, own).filter((each) => !/^(#|\s*(not )?ok\b|\d+\.\.\d+)/.test(each));
    return [failure(FILE.exec(lines[own] ?? '')?.[1] ?? '', said.join('\n'))];
  });
}
