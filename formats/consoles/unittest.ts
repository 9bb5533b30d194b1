import type { TestCase } from '../reports/report.ts';
import { blocks, failure, reading } from './reading.ts';
import type { ConsoleReader } from './reading.ts';

/** Python's unittest, also as Django and nose2 run it. */
export const unittest: ConsoleReader = (lines) => {
  const ran = lines.flatMap(
    (line) => /^Ran (\d+) tests? in [\d.]+s(?: using \d+ process(?:es)?)?$/.exec(line)?.[1] ?? [],
  );
  const running = /^(\w+) \(([\w.]+)\) \.\.\. /.exec(lines.findLast((line) => / \.\.\. /.test(line)) ?? '');
  if (ran.length === 0 && running === null) return undefined;
  const endings = lines.filter((line) => /^(OK|PASSED|FAILED|NO TESTS RAN)\b/.test(line)).slice(-ran.length);
  const figure = (name: string): number =>
    endings.reduce((sum, line) => sum + Number(new RegExp(`\\b${name}=(\\d+)`).exec(line)?.[1] ?? 0), 0);
  const cases = blocks(
    lines.map(withoutLogs),
    /^(?:FAIL: |ERROR: |UNEXPECTED SUCCESS: |Failure in |Error in )(.+)$/,
    /^(={70}|Ran \d+ tests? in .*)$/,
  ).map(({ title, body }) => failure(nameOf(title[1] ?? ''), body.join('\n').replace(/^-{70}$/gm, '')));
  const isLoad = (id: string): boolean => /_FailedTest|^setUpModule |^\w+$/.test(id);
  const total = ran.reduce((sum, number) => sum + Number(number), 0);
  const failed = figure('failures') + figure('errors') + figure('unexpected successes');
  const skipped = figure('skipped') + figure('skips') + figure('expected failures') + figure('expectedFailures');
  return reading('unittest', {
    counts: ran.length === 0 ? null : { passed: Math.max(0, total - failed - skipped), failed, total },
    failures: [...cases, ...trial(lines)].filter(({ id }) => !isLoad(id)),
    broken: [...cases, ...trial(lines)].filter(({ id }) => isLoad(id)),
    running: ran.length === 0 && running !== null ? running[2] : undefined,
  });
};

/** Twisted's trial names a test below what it said. */
function trial(lines: readonly string[]): readonly TestCase[] {
  return blocks(lines, /^\[(FAIL|ERROR)\]$/, /^(={79}|-{79})$/).map(({ body }) => {
    const told = body.filter((line) => line.trim() !== '');
    return failure(told.at(-1) ?? '', told.slice(0, -1).join('\n'));
  });
}

/** What a program logs may begin as a heading does, but no rule stands above it. */
function withoutLogs(line: string, at: number, lines: readonly string[]): string {
  return /^(FAIL|ERROR): /.test(line) && !/^={70}$/.test(lines[at - 1] ?? '') ? ` ${line}` : line;
}

/** `test_x (tests.test_y.ZTest.test_x)`, or without the name at the end before Python 3.11. */
function nameOf(title: string): string {
  const [, name = title, place = ''] = /^(\w+) \(([\w.]+)\)/.exec(title) ?? [];
  if (place === '' || place.includes('_FailedTest')) return title;
  return place.endsWith(`.${name}`) ? place : `${place}.${name}`;
}
