import { readTap } from '../reports/tap.ts';
import { reading } from './reading.ts';
import type { ConsoleReader } from './reading.ts';

/** TAP version 12 to 14 among what else was printed (source: testanything.org). Counts are null when it broke off before its first test. */
export const tap: ConsoleReader = (lines) => {
  if (!lines.some((line) => /^(TAP version \d+|1\.\.\d+\s*(#.*)?)$/.test(line))) return undefined;
  const { passed, failed, total, cases, broken = [] } = readTap(lines.join('\n'));
  return reading('tap', {
    counts: total > 0 || broken.length === 0 ? { passed, failed, total } : null,
    failures: cases.filter(({ result }) => result === 'failed'),
    broken,
  });
};
