import type { TestCase } from '../reports/report.ts';
import { failure, reading } from './reading.ts';
import type { ConsoleReader } from './reading.ts';

const POINT = /^(not )?ok\b(?:\s+(\d+))?(?:\s+-?\s*(.*))?$/;

/** TAP version 12 to 14 (source: testanything.org): top-level points only; a point with subtests counts as one. */
export const tap: ConsoleReader = (lines) => {
  const plan = lines.map((line) => /^1\.\.(\d+)\s*(#.*)?$/.exec(line)).find((found) => found !== null);
  const version = lines.some((line) => /^TAP version \d+$/.test(line));
  if (plan === undefined && !version) return undefined;
  const bailed = lines.find((line) => line.startsWith('Bail out!'));
  const failures: TestCase[] = [];
  const seen = { passed: 0, failed: 0, skipped: 0 };
  for (const [index, line] of lines.entries()) {
    const point = POINT.exec(line);
    if (point === null) continue;
    const [, not, number = '', text = ''] = point;
    const [name = '', directive = ''] = text.split(' # ', 2);
    if (/^skip/i.test(directive)) seen.skipped += 1;
    else if (not === undefined || /^todo/i.test(directive)) seen.passed += 1;
    else {
      seen.failed += 1;
      failures.push(failure(name === '' ? number : name, diagnostic(lines.slice(index + 1))));
    }
  }
  const planned = Number(plan?.[1] ?? 0);
  const total = seen.passed + seen.failed + seen.skipped;
  const complete = total >= planned && (bailed === undefined || total > 0);
  return reading('tap', {
    counts: complete || total > 0 ? { passed: seen.passed, failed: seen.failed, total } : null,
    failures,
    broken: bailed === undefined ? [] : [failure('Bail out', bailed)],
  });
};

/** The YAML block or the comment lines below a point that is not ok. */
function diagnostic(after: readonly string[]): string {
  const [first = ''] = after;
  if (/^\s*---\s*$/.test(first)) {
    const end = after.findIndex((line) => /^\s*\.\.\.\s*$/.test(line));
    return after
      .slice(1, Math.max(1, end))
      .filter((line) => !/^\s*(duration_ms|location|stack|at|line|column|type|file):/.test(line))
      .join('\n');
  }
  const end = after.findIndex((line) => !/^\s*#/.test(line));
  return after
    .slice(0, end < 0 ? undefined : end)
    .map((line) => line.replace(/^\s*#\s?/, ''))
    .join('\n');
}
