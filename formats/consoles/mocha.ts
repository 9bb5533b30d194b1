import { blocks, failure, reading } from './reading.ts';
import type { ConsoleReader } from './reading.ts';

/** Mocha's spec reporter and those like it (Cypress, WebdriverIO). */
export const mocha: ConsoleReader = (lines) => {
  const count = (word: string): number | undefined => {
    const pattern = new RegExp(`^\\s+(\\d+) ${word}( \\(.+\\))?\\s*$`);
    const figures = lines.flatMap((line) => pattern.exec(line)?.[1] ?? []);
    return figures.length === 0 ? undefined : figures.reduce((sum, figure) => sum + Number(figure), 0);
  };
  const [passing, failing = 0, pending = 0] = [count('passing'), count('failing'), count('pending')];
  if (passing === undefined) return undefined;
  const from = lines.findIndex((line) => /^\s+\d+ failing\s*$/.test(line));
  const found =
    from < 0
      ? []
      : blocks(lines.slice(from), /^ {2}(\d+)\) (.*)$/, /^( {2}\((Results|Screenshots|Video)\)|npm (ERR!|error))/);
  const failures = found.map(({ title, body }) => {
    const end = body.findIndex((line) => line.trim() === '' || /:\s*$/.test(line));
    const names = [title[2] ?? '', ...body.slice(0, end + 1)].map((line) => line.trim().replace(/:$/, ''));
    return failure(names.filter((name) => name !== '').join(' '), body.slice(end + 1).join('\n'));
  });
  return reading('mocha', {
    counts: { passed: passing, failed: failing, total: passing + failing + pending },
    failures,
  });
};
