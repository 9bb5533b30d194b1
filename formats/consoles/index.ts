import { ava } from './ava.ts';
import { boost } from './boost.ts';
import { bun } from './bun.ts';
import { cargo } from './cargo.ts';
import { catch2 } from './catch2.ts';
import { ctest } from './ctest.ts';
import { ginkgo } from './ginkgo.ts';
import { go } from './go.ts';
import { cucumber } from './cucumber.ts';
import { googletest } from './googletest.ts';
import { gotestsum } from './gotestsum.ts';
import { gradle } from './gradle.ts';
import { jest } from './jest.ts';
import { karma } from './karma.ts';
import { maven } from './maven.ts';
import { mocha } from './mocha.ts';
import { nodeTest } from './node-test.ts';
import { nothing } from './nothing.ts';
import { phpunit } from './phpunit.ts';
import { playwright } from './playwright.ts';
import { prove } from './prove.ts';
import { pytest } from './pytest.ts';
import { sumOf } from './reading.ts';
import type { ConsoleReader, Reading } from './reading.ts';
import { shunit2 } from './shunit2.ts';
import { summaries } from './summaries.ts';
import { tap } from './tap.ts';
import { unknown } from './unknown.ts';
import { uvu } from './uvu.ts';
import { unittest } from './unittest.ts';
import { vitest } from './vitest.ts';

// These show what other runners printed.
const outer: readonly ConsoleReader[] = [ginkgo, gotestsum, maven, gradle, ctest];
// Of these several may have run one after the other.
const runners: readonly ConsoleReader[] = [
  ...[pytest, jest, vitest, playwright, nodeTest, cargo, go, unittest, mocha, bun, ava, uvu, karma],
  ...[boost, catch2, googletest, phpunit, cucumber, shunit2, summaries],
];
// In order of how sure a reader can be of its runner.
const others: readonly ConsoleReader[] = [prove, tap, unknown, nothing];

/** What the console output of test runners says. Of all that ran when several did: counts are null when one told none of its failures. */
export function readConsole(lines: readonly string[]): Reading | undefined {
  return first(outer, lines) ?? together(runners.flatMap((reader) => reader(lines) ?? [])) ?? first(others, lines);
}

function first(readers: readonly ConsoleReader[], lines: readonly string[]): Reading | undefined {
  for (const reader of readers) {
    const found = reader(lines);
    if (found !== undefined) return found;
  }
  return undefined;
}

function together(readings: readonly Reading[]): Reading | undefined {
  const telling = readings.filter(
    ({ counts, failures, broken }) => (counts?.total ?? 0) > 0 || failures.length > 0 || broken.length > 0,
  );
  const [one, ...more] = telling.length > 0 ? telling : readings.slice(0, 1);
  if (one === undefined || more.length === 0) return one;
  const all = [one, ...more];
  const counts = all.flatMap((each) => each.counts ?? []);
  return {
    format: all.map(({ format }) => format).join(' + '),
    counts: counts.length < all.length ? null : (sumOf(counts) ?? null),
    failures: all.flatMap(({ failures }) => failures),
    broken: all.flatMap(({ broken }) => broken),
    stopped: all.some(({ stopped }) => stopped),
    running: all.find(({ running }) => running !== undefined)?.running,
  };
}
