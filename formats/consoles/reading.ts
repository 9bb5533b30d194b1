import type { TestCase } from '../reports/report.ts';

export interface Counts {
  readonly passed: number;
  readonly failed: number;
  /** Skipped tests too. */
  readonly total: number;
}

/** What a reader understood of a test runner's console output. */
export interface Reading {
  readonly format: string;
  /** Null where the output shows none. */
  readonly counts: Counts | null;
  readonly failures: readonly TestCase[];
  /** Files, suites or packages that could not be built or loaded: none of their tests ran. */
  readonly broken: readonly TestCase[];
  /** True when the runner was stopped by its own limit for the whole run. */
  readonly stopped: boolean;
  /** The test that was running when the output ended, where the runner says what it starts. */
  readonly running: string | undefined;
}

/** Reads plain lines: no colours, no carriage returns. Nothing when the output is not of its runner. */
export type ConsoleReader = (lines: readonly string[]) => Reading | undefined;

export function failure(id: string, message: string, where = ''): TestCase {
  return { id: id.trim(), result: 'failed', message: message.trim(), where, seconds: null };
}

const EMPTY: Omit<Reading, 'format'> = { counts: null, failures: [], broken: [], stopped: false, running: undefined };

export function reading(format: string, found: Partial<Omit<Reading, 'format'>>): Reading {
  return { format, ...EMPTY, ...found };
}

/** The lines of each block: from a line that `head` matches (its groups are given) up to the next, or to one that `end` matches. */
export function blocks(
  lines: readonly string[],
  head: RegExp,
  end: RegExp,
): readonly { readonly title: RegExpExecArray; readonly body: readonly string[] }[] {
  const found: { title: RegExpExecArray; body: string[] }[] = [];
  let open: string[] | undefined;
  for (const line of lines) {
    const title = head.exec(line);
    if (title !== null) {
      open = [];
      found.push({ title, body: open });
    } else if (end.test(line)) open = undefined;
    else open?.push(line);
  }
  return found;
}

/** The last number that stands before each of these words in a summary such as `3 failed, 1 skipped, 7 passed`; 0 where a word is missing. */
export function tally(summary: string, ...words: readonly string[]): number {
  return words.reduce((sum, word) => {
    const [, number = '0'] = new RegExp(`(\\d+) ${word}\\b`, 'i').exec(summary) ?? [];
    return sum + Number(number);
  }, 0);
}

/** Counts of several runs together; nothing of none. */
export function sumOf(counts: readonly Counts[]): Counts | undefined {
  const [first, ...rest] = counts;
  if (first === undefined) return undefined;
  return rest.reduce(
    (all, one) => ({
      passed: all.passed + one.passed,
      failed: all.failed + one.failed,
      total: all.total + one.total,
    }),
    first,
  );
}

/** One test case of each id, the last one that says something: retries of a test are one test, and lists repeat their names. */
export function unique(cases: readonly TestCase[]): readonly TestCase[] {
  const found = new Map<string, TestCase>();
  for (const test of cases) if (test.message !== '' || !found.has(test.id)) found.set(test.id, test);
  return [...found.values()];
}
