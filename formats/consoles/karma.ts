import { blocks, failure, reading, sumOf, unique } from './reading.ts';
import type { ConsoleReader, Counts } from './reading.ts';

const EXECUTED =
  /^(.{0,200}?): Executed (\d+) of (\d+) ?(?:\((\d+) FAILED\))? ?(?:\(skipped (\d+)\))? ?(SUCCESS|ERROR|DISCONNECTED)?/;
const MAX_BROWSERS = 20;

/** Karma's progress, dots and spec reporters: each browser goes on telling how far it is. */
export const karma: ConsoleReader = (lines) => {
  const browsers = new Map<string, { readonly counts: Counts; readonly end: string | undefined }>();
  for (const line of lines) {
    const [, browser = '', run = 0, total = 0, failed = 0, skipped = 0, end] = EXECUTED.exec(line) ?? [];
    if (browser === '') continue;
    const passed = Number(run) - Number(failed);
    browsers.set(browser, {
      counts: {
        passed,
        failed: Number(failed),
        total: Math.max(passed + Number(failed) + Number(skipped), Number(total)),
      },
      end,
    });
  }
  if (browsers.size === 0) return undefined;
  const all = [...browsers.values()];
  const counts = sumOf(all.map((each) => each.counts)) ?? null;
  const unloaded = counts?.total === 0 && all.some(({ end }) => end === 'ERROR');
  const names = [...browsers.keys()].slice(0, MAX_BROWSERS);
  const heads = lines.map((line) => {
    const name = line.endsWith(' FAILED') ? names.find((each) => line.startsWith(`${each} `)) : undefined;
    return name === undefined ? line : line.slice(name.length + 1);
  });
  const told = blocks(heads, /^(\S.*) FAILED$/, /^\S/);
  const found = told.length > 0 ? told : blocks(lines, /^\d+\) (.+)$/, /^\S/);
  return reading('karma', {
    counts: unloaded ? null : counts,
    failures: unique(found.map(({ title, body }) => failure(title[1] ?? '', body.join('\n')))),
  });
};
