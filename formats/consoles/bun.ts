import type { TestCase } from '../reports/report.ts';
import { failure, reading } from './reading.ts';
import type { ConsoleReader } from './reading.ts';

const POINT = /^(?:\((pass|fail|skip|todo)\)|([✓✗»✎])) (.+?)(?: \[[\d.]+m?s\])?$/;
const UNHANDLED = '# Unhandled error between tests';
const MAX_UNHANDLED = 50;
const NOT_LOADED = /Cannot find (module|package)|SyntaxError|Unexpected |Could not resolve|Expected .{1,40} but found/;

/** `bun test`, with and without colours: what a failing test printed stands above its line. */
export const bun: ConsoleReader = (lines) => {
  if (lines.some((line) => /^error: regex ".*" matched 0 tests|^No tests found!/.test(line)))
    return reading('bun', { counts: { passed: 0, failed: 0, total: 0 } });
  if (!lines.some((line) => /^Ran \d+ tests? across \d+ files?\./.test(line))) return undefined;
  const figure = (word: string): number =>
    Number.parseInt(lines.findLast((line) => new RegExp(`^ *\\d+ ${word}$`).test(line)) ?? '0', 10);
  let from = 0;
  const failures = lines.flatMap((line, index) => {
    const [, kind, mark, name = ''] = POINT.exec(line) ?? [];
    if (kind === undefined && mark === undefined) return [];
    const above = lines.slice(from, index);
    from = index + 1;
    return kind === 'fail' || mark === '✗' ? [failure(name, withoutFile(above).join('\n'))] : [];
  });
  const [passed, failed] = [figure('pass'), figure('fail')];
  const thrown = unhandled(lines);
  const isLoad = ({ message }: TestCase): boolean => passed === 0 || NOT_LOADED.test(message);
  return reading('bun', {
    counts: { passed, failed, total: passed + failed + figure('skip') + figure('todo') },
    failures: [...failures, ...thrown.filter((test) => !isLoad(test))],
    broken: thrown.filter(isLoad),
  });
};

/** Above its first test stands the name of a file, and what came before it. */
function withoutFile(lines: readonly string[]): readonly string[] {
  return lines.slice(lines.findLastIndex((line) => /^\S+\.\w+:$/.test(line)) + 1);
}

/** What was thrown outside of tests stands between rules. */
function unhandled(lines: readonly string[]): readonly TestCase[] {
  const heads = lines.flatMap((line, at) => (line === UNHANDLED ? [at] : [])).slice(0, MAX_UNHANDLED);
  return heads.map((at) => {
    const rest = lines.slice(at + 2, at + 60);
    const end = rest.findIndex((each) => /^-{20,}$/.test(each));
    return failure('unhandled error', rest.slice(0, end < 0 ? undefined : end).join('\n'));
  });
}
