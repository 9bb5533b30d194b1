import type { TestCase } from '../reports/report.ts';
import { failure, reading } from './reading.ts';
import type { ConsoleReader } from './reading.ts';

const STARTED = /^Running (\d+) test cases?\.\.\.$/;
const PROBLEM = /^(\S.*?\(\d+\)|unknown location\(0\)): (?:fatal )?error:? in "([^"]+)": (.*)$/;
const ENDED = /^(\*\*\* (No errors detected|\d+ failures? )|Test module "[^"]*" has (passed|failed) with:)/;
const NONE = /^Test setup error: no test cases matching/;

/** Boost.Test, whose summary counts failed assertions: a test case failed when one of its errors was printed. */
export const boost: ConsoleReader = (lines) => {
  const started = lines.flatMap((line) => STARTED.exec(line)?.[1] ?? []);
  if (lines.some((line) => NONE.test(line))) return reading('boost', { counts: { passed: 0, failed: 0, total: 0 } });
  if (started.length === 0) return undefined;
  const failures = failuresOf(lines);
  const total = started.reduce((sum, each) => sum + Number(each), 0);
  const skipped = lines.filter((line) => / Test case "[^"]+" is skipped because /.test(line)).length;
  const failed = failures.length;
  const counts = { passed: Math.max(0, total - failed - skipped), failed, total: Math.max(total, failed) };
  return reading('boost', { counts: lines.some((line) => ENDED.test(line)) ? counts : null, failures });
};

function failuresOf(lines: readonly string[]): readonly TestCase[] {
  const found = new Map<string, { messages: string[]; where: string }>();
  for (const line of lines) {
    const [, place = '', id, message = ''] = PROBLEM.exec(line) ?? [];
    if (id === undefined) continue;
    const one = found.get(id) ?? { messages: [], where: place.replace(/\((\d+)\)$/, ':$1') };
    one.messages.push(message);
    found.set(id, one);
  }
  return [...found].map(([id, { messages, where }]) => failure(id, messages.join('\n'), where));
}
