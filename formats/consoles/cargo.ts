import { blocks, failure, reading, tally, unique } from './reading.ts';
import type { ConsoleReader } from './reading.ts';

const RESULT = /^test result: \S+\. \d+ passed; .*$/;
const STARTED = /^running \d+ tests?( \(.*\))?$/;

/** Rust's built-in test harness, as `cargo test` runs it. A fail-fast run shows the counts of the targets that ran. */
export const cargo: ConsoleReader = (lines) => {
  const results = lines.filter((line) => RESULT.test(line));
  const started = lines.some((line) => STARTED.test(line));
  if (!started) return undefined;
  const sum = (...words: string[]): number => results.reduce((all, line) => all + tally(line, ...words), 0);
  const failures = blocks(lines, /^---- (.+?) stdout ----$/, /^(failures:|test result:|error: )/).map(
    ({ title, body }) => failure(title[1] ?? '', body.join('\n')),
  );
  const [passed, failed] = [sum('passed'), sum('failed')];
  const complete = results.length === lines.filter((line) => STARTED.test(line)).length;
  return reading('cargo test', {
    counts: complete ? { passed, failed, total: passed + failed + sum('ignored') } : null,
    failures: unique(failures),
    broken: lines.some((line) => line.startsWith('error: could not compile ')) ? [failure('cargo', '')] : [],
  });
};
