import { blocks, failure, reading, unique } from './reading.ts';
import type { ConsoleReader } from './reading.ts';

/** Playwright Test's list, line and dot reporters. A flaky test passed in the end. */
export const playwright: ConsoleReader = (lines) => {
  const started = lines.some((line) => /^Running \d+ tests? using \d+ workers?/.test(line));
  const none = lines.some((line) => line.startsWith('Error: No tests found'));
  if (!started && !none) return undefined;
  const figure = (word: string): number => {
    const pattern = new RegExp(`^ {2}(\\d+) ${word}\\b`);
    return lines.reduce((sum, line) => sum + Number(pattern.exec(line)?.[1] ?? 0), 0);
  };
  const [failed, passed] = [figure('failed') + figure('interrupted'), figure('passed') + figure('flaky')];
  const skipped = figure('skipped') + figure('did not run');
  const cases = blocks(
    lines,
    /^ {2}\d+\) (.+?)(?: ─+)?\s*$/,
    /^ {2}\d+ (failed|passed|flaky|skipped|did not run)\b/,
  ).map(({ title, body }) => {
    const { id, where } = named(title[1] ?? '');
    const end = body.findIndex((line) => /^( {4}(attachment #|Retry #|Error Context:)| {0,3}\S)/.test(line));
    return failure(id, body.slice(0, end < 0 ? undefined : end).join('\n'), where);
  });
  const flaky = figure('flaky') > 0 ? flakyNames(lines) : [];
  return reading('playwright', {
    counts: { passed, failed, total: passed + failed + skipped },
    failures: unique(cases).filter(({ id }) => !flaky.includes(id)),
    stopped: lines.some((line) => /Timed out waiting \d+(\.\d+)?s for the (entire )?test suite to run/.test(line)),
  });
};

function flakyNames(lines: readonly string[]): readonly string[] {
  const from = lines.findLastIndex((line) => /^ {2}\d+ flaky\b/.test(line));
  const rest = lines.slice(from + 1);
  const end = rest.findIndex((line) => !line.startsWith('    '));
  return rest.slice(0, end < 0 ? undefined : end).map((line) => named(line.replace(/ ─+$/, '').trim()).id);
}

/** `[project] › file:line:column › titles`. */
function named(title: string): { readonly id: string; readonly where: string } {
  const [, file, line = '', name = ''] = /^(?:\[[^\]]+\] › )?(\S+?):(\d+)(?::\d+)? › (.+)$/.exec(title) ?? [];
  return file === undefined ? { id: title, where: '' } : { id: `${file} > ${name}`, where: `${file}:${line}` };
}
