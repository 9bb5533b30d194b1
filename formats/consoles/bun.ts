import { failure, reading } from './reading.ts';
import type { ConsoleReader } from './reading.ts';

/** `bun test`: what a failing test printed stands above its line. */
export const bun: ConsoleReader = (lines) => {
  if (lines.some((line) => /^error: regex ".*" matched 0 tests|^No tests found!/.test(line)))
    return reading('bun', { counts: { passed: 0, failed: 0, total: 0 } });
  if (!lines.some((line) => /^Ran \d+ tests? across \d+ files?\./.test(line))) return undefined;
  const figure = (word: string): number =>
    Number.parseInt(lines.findLast((line) => new RegExp(`^ *\\d+ ${word}$`).test(line)) ?? '0', 10);
  let from = 0;
  const failures = lines.flatMap((line, index) => {
    const [, kind, name = ''] = /^\((pass|fail|skip|todo)\) (.+?)(?: \[[\d.]+m?s\])?$/.exec(line) ?? [];
    if (kind === undefined) return [];
    const above = lines.slice(from, index);
    from = index + 1;
    return kind === 'fail' ? [failure(name, above.join('\n'))] : [];
  });
  const [passed, failed] = [figure('pass'), figure('fail')];
  return reading('bun', {
    counts: { passed, failed, total: passed + failed + figure('skip') + figure('todo') },
    failures,
  });
};
