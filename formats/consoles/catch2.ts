import type { TestCase } from '../reports/report.ts';
import { failure, reading, tally } from './reading.ts';
import type { ConsoleReader } from './reading.ts';

const RULE = /^-{60,}$/;
const ALL = /^All tests passed \(\d+ assertions? in (\d+) test cases?\)$/;
const SOME = /^test cases: *(\d+) \|(.*)$/;

/** Catch2's console reporter: the names of a failed test and its sections stand between rules. */
export const catch2: ConsoleReader = (lines) => {
  const all = lines.map((line) => ALL.exec(line)).find((found) => found !== null);
  const some = lines.map((line) => SOME.exec(line)).find((found) => found !== null);
  const none = lines.some((line) => /^No test cases matched |^No tests ran$/.test(line));
  if (all === undefined && some === undefined && !none) return undefined;
  const total = Number(all?.[1] ?? some?.[1] ?? 0);
  const failed = tally(some?.[2] ?? '', 'failed');
  const skipped = tally(some?.[2] ?? '', 'skipped');
  return reading('catch2', { counts: { passed: total - failed - skipped, failed, total }, failures: failures(lines) });
};

function failures(lines: readonly string[]): readonly TestCase[] {
  const rules = lines.flatMap((line, index) => (RULE.test(line) ? [index] : []));
  const found = new Map<string, string[]>();
  for (let at = 0; at + 1 < rules.length; at += 2) {
    const [from = 0, to = 0] = rules.slice(at, at + 2);
    const name = lines
      .slice(from + 1, to)
      .map((line) => line.trim())
      .join(' > ');
    const body = lines.slice(to + 1, rules[at + 2] ?? lines.length);
    const end = body.findIndex((line) => /^={60,}$/.test(line));
    const own = body.slice(0, end < 0 ? undefined : end);
    const first = own.findIndex((line) => line.endsWith(' FAILED:'));
    if (first >= 0) found.set(name, [...(found.get(name) ?? []), ...own.slice(first)]);
  }
  return [...found].map(([name, body]) => failure(name, body.join('\n')));
}
