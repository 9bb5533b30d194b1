import type { TestCase } from '../reports/report.ts';
import { failure, reading } from './reading.ts';
import type { ConsoleReader } from './reading.ts';

// Without ERROR, which is a level of logs before all.
const WORDS = 'PASS|PASSED|OK|FAIL|FAILED|SKIP|SKIPPED|XFAIL|XPASS';
const POINTS = [
  new RegExp(`^\\s*\\[\\s*(${WORDS})\\s*\\]:?\\s+(.+)$`, 'i'),
  new RegExp(`^\\s*(${WORDS}): (.+)$`),
  /^\s*(✓|✔|✗|✘|✖|❌|✅) (.+)$/,
];
const RESULT = /\b(result|summary|total|checks?|tests?)\b/i;

/** Scripts that print a line for each check, such as `[PASS] name` or `FAIL: name: why`, and Automake's test summaries. */
export const shell: ConsoleReader = (lines) => {
  const points = lines.flatMap((line) => {
    const [, word, text] = POINTS.map((point) => point.exec(line)).find((found) => found !== null) ?? [];
    return word === undefined || text === undefined || /^\d+ (problems?|errors?)\b/.test(text)
      ? []
      : [{ kind: kindOf(word), text }];
  });
  const failures: TestCase[] = points
    .filter(({ kind }) => kind === 'failed')
    .map(({ text }) => {
      const [name = '', ...why] = text.split(/: | - /);
      return failure(name, why.join(': '));
    });
  const last = lines.findLast((line) => RESULT.test(line) && /\b\d+\b/.test(line) && /\b(ok|fail|pass)/i.test(line));
  const zero = last !== undefined && /(^|[^\d])0 (checks?|tests?)\b/i.test(last);
  if (points.length === 0) return zero ? reading('script', { counts: { passed: 0, failed: 0, total: 0 } }) : undefined;
  const count = (kind: string): number => points.filter((point) => point.kind === kind).length;
  const finished = last !== undefined;
  return reading('script', {
    counts: finished ? { passed: count('passed'), failed: count('failed'), total: points.length } : null,
    failures,
  });
};

function kindOf(word: string): 'passed' | 'failed' | 'skipped' {
  if (/^(pass|ok|xfail|✓|✔|✅)/i.test(word)) return 'passed';
  return /^skip/i.test(word) ? 'skipped' : 'failed';
}
