/** A test as a report tells it. `id` is stable over runs; `where` is `file:line` of the top own frame where known. */
export interface TestCase {
  readonly id: string;
  readonly result: 'passed' | 'failed' | 'skipped';
  readonly message: string;
  readonly where: string;
  readonly seconds: number | null;
}

/** What a reader understood. `cases` may be fewer than the counts where the output names only failures. */
export interface Report {
  readonly format: string;
  readonly passed: number;
  readonly failed: number;
  readonly total: number;
  readonly cases: readonly TestCase[];
}
