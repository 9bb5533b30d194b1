import { blocks, failure, reading, unique } from './reading.ts';
import type { ConsoleReader } from './reading.ts';

const SUMMARY = /^Files=\d+, Tests=(\d+),/;

/** Perl's prove, which sums up TAP. It tells skipped tests of failing files only. */
export const prove: ConsoleReader = (lines) => {
  const total = SUMMARY.exec(lines.findLast((line) => SUMMARY.test(line)) ?? '')?.[1];
  const result = lines.findLast((line) => /^Result: (PASS|FAIL|NOTESTS)$/.test(line));
  if (total === undefined || result === undefined) return undefined;
  const sum = (pattern: RegExp): number => lines.reduce((all, line) => all + Number(pattern.exec(line)?.[1] ?? 0), 0);
  const failed = sum(/^Failed (\d+)\/\d+ subtests/);
  const skipped = sum(/^\s*\(less (\d+) skipped subtests?:/);
  const cases = blocks(lines, /^#\s+Failed test '(.*)'$/, /^(\S+ \.\. ?|# Looks like |[^#\s])/).map(({ title, body }) =>
    failure(
      title[1] ?? '',
      body
        .map((line) => line.replace(/^#\s*/, ''))
        .filter((line) => !line.startsWith('at '))
        .join('\n'),
    ),
  );
  return reading('prove', {
    counts: { passed: Number(total) - failed - skipped, failed, total: Number(total) },
    failures: unique(cases),
  });
};
