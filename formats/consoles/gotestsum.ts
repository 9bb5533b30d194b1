import { blocks, failure, reading, unique } from './reading.ts';
import type { ConsoleReader } from './reading.ts';

const DONE = /^DONE (?:\d+ runs, )?(\d+) tests?(?:, (\d+) skipped)?(?:, (\d+) failures?)?(?:, (\d+) errors?)? in /;

/** gotestsum, in any of its formats: the summary at the end is the same. */
export const gotestsum: ConsoleReader = (lines) => {
  const done = DONE.exec(lines.findLast((line) => DONE.test(line)) ?? '');
  if (done === null) return undefined;
  const [total = 0, skipped = 0, failed = 0] = done.slice(1).map((figure) => Number(figure ?? 0) || 0);
  const from = Math.max(
    0,
    lines.findLastIndex((line) => line === '=== Failed'),
  );
  const cases = blocks(lines.slice(from), /^=== FAIL: (\S+) (\S+)/, /^(=== (Errors|Skipped)$|DONE )/).map(
    ({ title, body }) =>
      failure(`${title[1]}.${title[2]}`, body.filter((line) => !/^\s*--- FAIL: /.test(line)).join('\n')),
  );
  const errors = blocks(lines, /^=== Errors$/, /^(=== |DONE )/).flatMap(({ body }) => body);
  return reading('gotestsum', {
    counts: errors.length > 0 ? null : { passed: total - skipped - failed, failed, total },
    failures: unique(cases),
    broken: errors.length > 0 ? [failure('build', errors.join('\n'))] : [],
  });
};
