import { blocks, failure, reading } from './reading.ts';
import type { ConsoleReader } from './reading.ts';

/** Gradle's console: failing tests, and the summary of a failed run. */
export const gradle: ConsoleReader = (lines) => {
  if (!lines.some((line) => /^(> Task :|BUILD (SUCCESSFUL|FAILED) in |\* What went wrong:)/.test(line)))
    return undefined;
  const [, total, failed = '0', skipped = '0'] =
    /^(\d+) tests? completed(?:, (\d+) failed)?(?:, (\d+) skipped)?/m.exec(lines.join('\n')) ?? [];
  const cases = blocks(lines, /^(\S.*?) > (.+) FAILED$/, /^(\S.*|)$/).map(({ title, body }) =>
    failure(`${title[1]} > ${title[2]}`, body.join('\n')),
  );
  return reading('gradle', {
    counts:
      total === undefined
        ? null
        : {
            passed: Number(total) - Number(failed) - Number(skipped),
            failed: Number(failed),
            total: Number(total),
          },
    failures: cases,
    stopped: lines.some((line) => /Timeout has been exceeded/.test(line)),
  });
};
