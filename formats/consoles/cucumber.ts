import type { TestCase } from '../reports/report.ts';
import { blocks, failure, reading, sumOf, tally, unique } from './reading.ts';
import type { ConsoleReader, Counts } from './reading.ts';

const SUMMARY = /^(\d+) scenarios?(?: \((.*)\))?$/;
const BEHAVE = /^(\d+) scenarios? passed, \d+ failed\b.*$/;
const END = /^(Failures:|Warnings:|\d+ scenarios?\b.*|(Failing|Errored) scenarios:)$/;

/** Cucumber of any language, and behave. A scenario without a definition of its steps failed, a pending one was skipped. */
export const cucumber: ConsoleReader = (lines) => {
  const counts = lines.flatMap((line) => countsOf(line) ?? []);
  if (counts.length === 0) return undefined;
  const listed = numbered(lines);
  return reading('cucumber', {
    counts: sumOf(counts) ?? null,
    failures: unique(listed.length > 0 ? listed : named(lines)),
  });
};

function countsOf(line: string): Counts | undefined {
  const [, total, states = ''] = SUMMARY.exec(line) ?? [];
  const told = total === undefined ? (BEHAVE.exec(line)?.[0] ?? '').replace(/scenarios? /, '') : states;
  if (total === undefined && told === '') return undefined;
  const failed = tally(told, 'failed', 'undefined', 'ambiguous', 'errors?');
  const [passed, skipped] = [tally(told, 'passed'), tally(told, 'skipped', 'pending', 'untested')];
  return { passed, failed, total: total === undefined ? passed + failed + skipped : Number(total) };
}

/** Of Cucumber for JavaScript: a numbered list below `Failures:`. */
function numbered(lines: readonly string[]): readonly TestCase[] {
  const from = lines.indexOf('Failures:');
  return blocks(from < 0 ? [] : lines.slice(from), /^\d+\) Scenario: (.+?)(?: # \S+)?$/, END).map(({ title, body }) =>
    failure(title[1] ?? '', withoutPlaces(body)),
  );
}

/** Of the others: each scenario as it ran, and the names of those that failed at the end. */
function named(lines: readonly string[]): readonly TestCase[] {
  const told = new Map(
    blocks(lines, /^ {2}Scenario(?: Outline)?: (.+?)(?: -- .*)?(?: +# \S+)?$/, /^ {0,2}\S/).map(({ title, body }) => [
      title[1],
      withoutPlaces(body),
    ]),
  );
  const from = lines.findIndex((line) => /^(Failing|Errored) [Ss]cenarios:$/.test(line));
  const names = lines.slice(from < 0 ? lines.length : from).flatMap((line) => {
    const [, behave, ruby] = /^ {2}\S+:\d+ {2}(.+)$|^cucumber \S+:\d+ # (?:Scenario: )?(.+)$/.exec(line) ?? [];
    return behave ?? ruby ?? [];
  });
  return names.map((name) => failure(name, told.get(name) ?? ''));
}

function withoutPlaces(body: readonly string[]): string {
  return body.map((line) => line.replace(/ +# \S+:\d+$/, '')).join('\n');
}
