import { blocks, failure, reading, sumOf, tally, unique } from './reading.ts';
import type { ConsoleReader, Counts } from './reading.ts';

const SUMMARY = /^\s*Tests\s+.*\((\d+)\)\s*$/;

/** Vitest's default and verbose reporters. */
export const vitest: ConsoleReader = (lines) => {
  if (
    !lines.some((line) => /^\s*(RUN|DEV)\s+v\d+\.\d+/.test(line) || /^\s*Test Files\s+.*(\(\d+\)|no tests)/.test(line))
  )
    return undefined;
  const counted = sumOf(lines.filter((line) => SUMMARY.test(line)).map(countsOf));
  const none =
    lines.some((line) => line.startsWith('No test files found')) || /^\s*Tests\s+no tests/m.test(lines.join('\n'));
  const cases = blocks(lines, /^\s*(?:FAIL|❯ FAIL)\s{2}(.+(?: > | \[ ).+)$/, /^\s*(⎯{8,}|Test Files\s)/).map(
    ({ title, body }) => {
      const [file = '', ...names] = (title[1] ?? '').split(' > ');
      return {
        file: file.trim(),
        name: names.join(' > '),
        test: failure(title[1] ?? '', body.join('\n'), placeOf(body)),
      };
    },
  );
  const suite = (file: string): boolean => /\[ .+ \]$/.test(file);
  const broken = cases.filter(({ name, file }) => name === '' || suite(file)).map(({ test }) => test);
  const failures = cases.filter(({ name, file }) => name !== '' && !suite(file)).map(({ test }) => test);
  const counts = counted ?? (none ? { passed: 0, failed: 0, total: 0 } : null);
  return reading('vitest', { counts, failures: unique(failures), broken: unique(broken) });
};

function countsOf(summary: string): Counts {
  const total = Number(SUMMARY.exec(summary)?.[1] ?? 0);
  return { passed: tally(summary, 'passed'), failed: tally(summary, 'failed'), total };
}

function placeOf(body: readonly string[]): string {
  return (
    body.map((line) => /^\s*❯ (?:\S+ )?(\S+:\d+):\d+\s*$/.exec(line)?.[1]).find((found) => found !== undefined) ?? ''
  );
}
