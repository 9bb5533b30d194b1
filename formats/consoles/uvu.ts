import { blocks, failure, reading } from './reading.ts';
import type { ConsoleReader } from './reading.ts';

/** uvu, whose total leaves out the skipped tests. */
export const uvu: ConsoleReader = (lines) => {
  const at = lines.findLastIndex((line) => /^ {2}Total: +\d+$/.test(line));
  const figure = (offset: number, word: string): number | undefined => {
    const found = new RegExp(`^ {2}${word}: +(\\d+)$`).exec(lines[at + offset] ?? '')?.[1];
    return found === undefined ? undefined : Number(found);
  };
  const [run, passed, skipped] = [figure(0, 'Total'), figure(1, 'Passed'), figure(2, 'Skipped')];
  if (at < 0 || run === undefined || passed === undefined || skipped === undefined) return undefined;
  return reading('uvu', {
    counts: { passed, failed: run - passed, total: run + skipped },
    failures: blocks(lines, /^ {2,3}FAIL {1,3}(.+?) {1,3}"(.+)"$/, /^ {2}Total: /).map(({ title, body }) =>
      failure(`${title[1]?.trim() ?? ''} ${title[2] ?? ''}`, body.join('\n')),
    ),
  });
};
