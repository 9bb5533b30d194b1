import type { TestCase } from '../reports/report.ts';
import { blocks, failure, reading, unique } from './reading.ts';
import type { ConsoleReader, Counts } from './reading.ts';

const GREEN = /^OK(?:, but .*)? \((\d+) tests?, \d+ assertions?\)$/;
const SUMMARY = /^Tests: (\d+), Assertions: \d+(?:, .*)?\.$/;
const FAILED = ['Failures', 'Errors'];
const SKIPPED = ['Skipped', 'Incomplete'];
// Lists of what is no failure have the form of those that are.
const ASIDE = /^(There (was|were) \d+ .*(skipped|incomplete|risky|warning|notice|deprecat)|\d+ tests? triggered )/;
const PROBLEMS = /^(There (was|were) \d+ (error|failure)s?:|FAILURES!|ERRORS!|Tests: )/;
const BOX = /^ {3}[│┐├╵┴╷┊] ?/;

/** PHPUnit, with and without testdox. */
export const phpunit: ConsoleReader = (lines) => {
  const counts = lines.map(countsOf).findLast((found) => found !== undefined);
  if (counts === undefined) return undefined;
  return reading('phpunit', { counts, failures: unique([...listed(lines), ...drawn(lines)]) });
};

function countsOf(line: string): Counts | undefined {
  const total = GREEN.exec(line)?.[1] ?? SUMMARY.exec(line)?.[1];
  if (total === undefined) return undefined;
  const sum = (words: readonly string[]): number =>
    words.reduce((all, word) => all + Number(new RegExp(`\\b${word}: (\\d+)`).exec(line)?.[1] ?? 0), 0);
  const [failed, skipped] = [sum(FAILED), sum(SKIPPED)];
  return { passed: Number(total) - failed - skipped, failed, total: Number(total) };
}

function listed(lines: readonly string[]): readonly TestCase[] {
  let aside = false;
  const own = lines.filter((line) => {
    if (ASIDE.test(line)) aside = true;
    else if (PROBLEMS.test(line)) aside = false;
    return !aside;
  });
  const end = /^(--$|FAILURES!|ERRORS!|There (was|were) \d+ )/;
  return blocks(own, /^\d+\) (\S+::.+)$/, end).map(({ title, body }) => failure(title[1] ?? '', body.join('\n')));
}

/** Testdox draws a box below each failed test; in colours it shows names of data sets without quotes, their spaces as dots. */
function drawn(lines: readonly string[]): readonly TestCase[] {
  return blocks(lines, /^ ✘ (.+?)(?: \[[\d.]+ ms\])?$/, /^( [✔↩∅☢] .*|\S.*|)$/).map(({ title, body }) =>
    failure(
      (title[1] ?? '').replaceAll('·', ' ').replace(/ with data set "(.*)"$/, ' with $1'),
      body.map((line) => line.replace(BOX, '')).join('\n'),
    ),
  );
}
