import { blocks, failure, reading } from './reading.ts';
import type { ConsoleReader } from './reading.ts';

/** shUnit2, whose summary counts failed assertions. */
export const shunit2: ConsoleReader = (lines) => {
  const total = lines.map((line) => /^Ran (\d+) tests?\.$/.exec(line)?.[1]).find((found) => found !== undefined);
  if (total === undefined) return undefined;
  const failures = blocks(lines, /^(test\w*)$/, /^Ran \d+ tests?\.$/)
    .filter(({ body }) => body.some((line) => /^(ASSERT:|shunit2:ERROR )/.test(line)))
    .map(({ title, body }) => failure(title[1] ?? '', body.join('\n')));
  const failed = failures.length;
  return reading('shunit2', { counts: { passed: Number(total) - failed, failed, total: Number(total) }, failures });
};
