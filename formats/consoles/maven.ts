import { blocks, failure, reading } from './reading.ts';
import type { ConsoleReader } from './reading.ts';

const COUNTS = /Tests run: *(\d+), *Failures: *(\d+), *Errors: *(\d+), *Skipped: *(\d+)/;

const OWN =
  /^\[(INFO|ERROR|WARNING)\] .*(Tests run:|Scanning for projects|Building |BUILD |COMPILATION|T E S T S|Failed to execute goal|No tests |maven|\.java:)/;

/** Surefire and Failsafe, as Maven prints them. */
export const maven: ConsoleReader = (lines) => {
  const plain = lines.map((line) => line.replace(/^\[(INFO|ERROR|WARNING|DEBUG)\] ?/, ''));
  if (!lines.some((line) => OWN.test(line))) return undefined;
  const total = plain.filter((line) => COUNTS.test(line) && !/Time elapsed|-- in |in \S+$/.test(line));
  const figures = total.map((line) => (COUNTS.exec(line) ?? []).slice(1).map(Number));
  const sum = (index: number): number => figures.reduce((all, row) => all + (row[index] ?? 0), 0);
  const failed = sum(1) + sum(2);
  const cases = blocks(
    plain,
    /^(\S+)\s.*Time elapsed: .* <<< (?:FAILURE|ERROR)!/,
    /^(Tests run:|Results:|Running |\s*$)/,
  ).filter(({ title }) => title[1] !== 'Tests');
  const nothing = plain.some((line) => /No tests (to run|were executed|matching pattern)/.test(line));
  const none = nothing ? { passed: 0, failed: 0, total: 0 } : null;
  return reading('maven', {
    counts: figures.length === 0 ? none : { passed: sum(0) - failed - sum(3), failed, total: sum(0) },
    failures: cases.map(({ title, body }) => failure(methodOf(title[1] ?? '', title[0]), body.join('\n'))),
    stopped: plain.some((line) =>
      /There was a timeout (or other error )?in the fork|forkedProcessTimeoutInSeconds/.test(line),
    ),
  });
};

/** `org.acme.RomanTest.parses`, from `org.acme.RomanTest.parses -- …` or `parses(org.acme.RomanTest)  …`. */
function methodOf(word: string, line: string): string {
  const [, method, type] = /^([\w$]+)(?:\{.*?\})?(?:\[.*?\])?\(([\w.$]+)\)/.exec(line) ?? [];
  return method === undefined || type === undefined ? word : `${type}.${method}`;
}
