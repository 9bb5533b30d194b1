import { blocks, failure, reading } from './reading.ts';
import type { ConsoleReader } from './reading.ts';

/** AVA's reporter: each failure stands between rules, its title first. */
export const ava: ConsoleReader = (lines) => {
  const figure = (word: string): number | undefined => {
    const line = lines.findLast((text) => new RegExp(`^ {2}\\d+ (tests?|uncaught exceptions?) ?${word}$`).test(text));
    return line === undefined ? undefined : Number.parseInt(line, 10);
  };
  const points = (mark: RegExp): number => lines.filter((line) => mark.test(line)).length;
  if (lines.some((line) => /^ {2}✘ Timed out while running tests$/.test(line)))
    return reading('ava', { stopped: true });
  const none = lines.some((line) => /^ {2}✘ No tests found in \S/.test(line));
  const thrown = blocks(lines, /^ {2}Uncaught exception in (\S+)$/, /^ {2}(✘ .*|─+)$/).map(({ title, body }) =>
    failure(title[1] ?? '', withoutCode(body)),
  );
  const rules = lines.flatMap((line, index) => (/^ {2}─+$/.test(line) ? [index] : []));
  const [passed, failed] = [figure('passed'), figure('failed')];
  if (rules.length === 0 && !none) return undefined;
  if (passed === undefined && failed === undefined) {
    if (thrown.length > 0) return reading('ava', { broken: thrown });
    return none ? reading('ava', { counts: { passed: 0, failed: 0, total: 0 } }) : undefined;
  }
  const failures = rules.slice(0, -1).map((from, index) => {
    const [title = '', ...body] = lines.slice(from + 1, rules[index + 1]).filter((line) => line.trim() !== '');
    const place = /^ {2}(\S+:\d+)$/.exec(body[0] ?? '')?.[1] ?? '';
    return failure(title, withoutCode(body), place);
  });
  const counted = { passed: passed ?? points(/^ {2}✔ /), failed: failed ?? 0 };
  const skipped = (figure('skipped') ?? 0) + (figure('todo') ?? 0);
  return reading('ava', { counts: { ...counted, total: counted.passed + counted.failed + skipped }, failures });
};

function withoutCode(body: readonly string[]): string {
  return body.filter((line) => !/^( *\d+: | {2}\S+:\d+$| {2}› )/.test(line)).join('\n');
}
