import type { TestCase } from '../reports/report.ts';
import { failure, reading } from './reading.ts';
import type { ConsoleReader } from './reading.ts';

const START = /^\[={10}\] Running \d+ tests? from \d+ test (?:suites?|cases?)\./;
const END = /^\[={10}\] (\d+) tests? from \d+ test (?:suites?|cases?) ran\./;
const RUN = /^\[ RUN {6}\] (\S+)/;
const DONE = /^(.*)\[ {1,7}(OK|SKIPPED|FAILED) {1,2}\] (\S+?),?(?: .*)?$/;

/** GoogleTest. Of a binary that crashed, the test that was running is the failure. */
export const googletest: ConsoleReader = (lines) => {
  if (!lines.some((line) => START.test(line) || END.test(line))) return undefined;
  const sum = (pattern: RegExp): number => lines.reduce((all, line) => all + Number(pattern.exec(line)?.[1] ?? 0), 0);
  const total = sum(END);
  const failed = sum(/^\[ {2}FAILED {2}\] (\d+) tests?, listed below/);
  const skipped = sum(/^\[ {2}SKIPPED \] (\d+) tests?/);
  const { failures, open, rest } = walk(lines);
  const crashed = open === undefined ? [] : [failure(open, crashOf(rest))];
  return reading('googletest', {
    counts: open === undefined ? { passed: total - failed - skipped, failed, total } : null,
    failures: [...failures, ...crashed],
    running: open,
  });
};

/** The failed tests, and the one that did not end, with what was printed since its start. */
function walk(lines: readonly string[]): {
  readonly failures: readonly TestCase[];
  readonly open: string | undefined;
  readonly rest: readonly string[];
} {
  const failures: TestCase[] = [];
  let open: string | undefined;
  let from = 0;
  for (const [index, line] of lines.entries()) {
    const started = RUN.exec(line)?.[1];
    const [, printed = '', outcome, name] = DONE.exec(line) ?? [];
    if (started !== undefined) [open, from] = [started, index + 1];
    else if (open !== undefined && name === open) {
      if (outcome === 'FAILED') failures.push(failure(open, [...lines.slice(from, index), printed].join('\n')));
      open = undefined;
    }
  }
  return { failures, open, rest: open === undefined ? [] : lines.slice(from) };
}

/** What was printed, without the shell's number of the process and the command. */
function crashOf(rest: readonly string[]): string {
  const signal = rest.map((line) => /\b(Segmentation fault|Aborted|Bus error|Illegal instruction)\b/.exec(line)?.[1]);
  return signal.findLast((name) => name !== undefined) ?? rest.join('\n');
}
