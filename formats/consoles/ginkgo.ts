import { blocks, failure, reading, sumOf, unique } from './reading.ts';
import type { ConsoleReader } from './reading.ts';

const SUMMARY = /^(?:FAIL!|SUCCESS!).{0,80} -- (\d+) Passed \| (\d+) Failed \| (\d+) Pending \| (\d+) Skipped/;
const FAILED = /^•.{0,20} \[(?:FAILED|PANICKED!?|TIMEDOUT|INTERRUPTED|ABORTED)\] .*$/;

/** Ginkgo, which to `go test` is one test. A failure has its name and its place below its mark. */
export const ginkgo: ConsoleReader = (lines) => {
  const counts = lines.flatMap((line) => {
    const [passed, failed, pending, skipped] = (SUMMARY.exec(line) ?? []).slice(1).map(Number);
    if (passed === undefined || failed === undefined) return [];
    return [{ passed, failed, total: passed + failed + (pending ?? 0) + (skipped ?? 0) }];
  });
  const sum = sumOf(counts);
  if (sum === undefined) return undefined;
  const failures = blocks(lines, FAILED, /^(-{20,}|Summarizing \d+ Failures?:)$/).map(({ body }) => {
    const [name = '', place = '', ...rest] = body;
    const said = rest.filter((line) => !/^ *In \[.+\] at: /.test(line));
    return failure(name.replace(/\[(It|Entry)\] /, ''), said.join('\n'), place.trim());
  });
  return reading('ginkgo', { counts: sum, failures: unique(failures) });
};
