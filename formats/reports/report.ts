/** A file that a test left for people: a screenshot, a trace, a video. `path` is absolute or below the worktree. */
export interface Attachment {
  readonly name: string;
  readonly path: string;
}

/** A test as a report tells it. `id` is stable over runs; `where` is `file:line` of the top own frame where known. */
export interface TestCase {
  readonly id: string;
  readonly result: 'passed' | 'failed' | 'skipped';
  readonly message: string;
  readonly where: string;
  readonly seconds: number | null;
  readonly attachments?: readonly Attachment[];
  /** It failed and passed when its runner tried it again. */
  readonly flaky?: true;
}

/** What a reader understood. `cases` may be fewer than the counts where the output names only failures. */
export interface Report {
  readonly format: string;
  readonly passed: number;
  readonly failed: number;
  readonly total: number;
  readonly cases: readonly TestCase[];
  /** Files, suites or packages that could not be built or loaded; not among `cases`. */
  readonly broken?: readonly TestCase[];
  /** True when the runner was stopped by its own limit for the whole run. */
  readonly stopped?: boolean;
}

/** A report of these cases, counted. */
export function reportOf(
  format: string,
  cases: readonly TestCase[],
  more: Pick<Report, 'broken' | 'stopped'> = {},
): Report {
  const count = (result: TestCase['result']): number => cases.filter((test) => test.result === result).length;
  return { format, passed: count('passed'), failed: count('failed'), total: cases.length, cases, ...more };
}

/** A report that cannot be read; the message completes "the report …". */
export class ReportBroken extends Error {
  override readonly name = 'ReportBroken';
}
