import { blocks, failure, reading } from './reading.ts';
import type { ConsoleReader } from './reading.ts';

/** Python's unittest, also as Django and nose2 run it. */
export const unittest: ConsoleReader = (lines) => {
  const ran = lines.map((line) => /^Ran (\d+) tests? in [\d.]+s$/.exec(line)).findLast((found) => found !== null);
  const running = /^(\w+) \(([\w.]+)\) \.\.\. /.exec(lines.findLast((line) => / \.\.\. /.test(line)) ?? '');
  if (ran === undefined && running === null) return undefined;
  const ending = lines.findLast((line) => /^(OK|FAILED|NO TESTS RAN)\b/.test(line)) ?? '';
  const figure = (name: string): number => Number(new RegExp(`\\b${name}=(\\d+)`).exec(ending)?.[1] ?? 0);
  const cases = blocks(lines, /^(?:FAIL|ERROR|UNEXPECTED SUCCESS): (.+)$/, /^(={70}|Ran \d+ tests? in .*)$/).map(
    ({ title, body }) => failure(nameOf(title[1] ?? ''), body.join('\n').replace(/^-{70}$/gm, '')),
  );
  const isLoad = (id: string): boolean => /_FailedTest|^setUpModule /.test(id);
  const total = Number(ran?.[1] ?? 0);
  const failed = figure('failures') + figure('errors') + figure('unexpected successes');
  const skipped = figure('skipped') + figure('expected failures');
  return reading('unittest', {
    counts: ran === undefined ? null : { passed: Math.max(0, total - failed - skipped), failed, total },
    failures: cases.filter(({ id }) => !isLoad(id)),
    broken: cases.filter(({ id }) => isLoad(id)),
    running: ran === undefined && running !== null ? running[2] : undefined,
  });
};

/** `test_x (tests.test_y.ZTest.test_x)`, or without the name at the end before Python 3.11. */
function nameOf(title: string): string {
  const [, name = title, place = ''] = /^(\w+) \(([\w.]+)\)/.exec(title) ?? [];
  if (place === '' || place.includes('_FailedTest')) return title;
  return place.endsWith(`.${name}`) ? place : `${place}.${name}`;
}
