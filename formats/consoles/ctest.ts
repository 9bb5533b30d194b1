import { blocks, failure, reading } from './reading.ts';
import type { ConsoleReader } from './reading.ts';

const LINE = /^\s*\d+\/\d+ (?:Test|MemCheck)\s+#\d+: (\S+) \.*\s*(.*?)\s+[\d.]+ sec\s*$/;

/** CTest. */
export const ctest: ConsoleReader = (lines) => {
  const started = lines.findLastIndex((line) => /^\s*Start\s+\d+: /.test(line));
  const none = lines.some((line) => line.startsWith('No tests were found!!!'));
  const rows = lines.flatMap((line) => {
    const [, name, outcome = ''] = LINE.exec(line) ?? [];
    return name === undefined ? [] : [{ name, outcome }];
  });
  if (started < 0 && !none && rows.length === 0) return undefined;
  const details = new Map(
    blocks(lines, LINE, /^(\s*Start\s+\d+: |\d+% tests passed|Total Test time)/).map(({ title, body }) => [
      title[1],
      body.join('\n'),
    ]),
  );
  const skipped = rows.filter(({ outcome }) => /Skipped|Not Run \(Disabled\)/.test(outcome));
  const passed = rows.filter(({ outcome }) => outcome.endsWith('Passed'));
  const failed = rows.filter((row) => !skipped.includes(row) && !passed.includes(row));
  const finished = lines.some((line) => /^\d+% tests passed/.test(line)) || none;
  return reading('ctest', {
    counts: finished ? { passed: passed.length, failed: failed.length, total: rows.length } : null,
    failures: failed.map(({ name, outcome }) =>
      failure(name, `${outcome.replace(/^\**/, '')}\n${details.get(name) ?? ''}`),
    ),
    running: finished ? undefined : /: (\S+)/.exec(lines[started] ?? '')?.[1],
  });
};
