import { blocks, failure, reading, sumOf, tally, unique } from './reading.ts';
import type { ConsoleReader, Counts } from './reading.ts';

const SUMMARY =
  /^(?:=+ )?((?:\d+ (?:passed|failed|errors?|skipped|deselected|xfailed|xpassed|warnings?)|no tests ran)\b.*) in [\d.]+s?\b.*$/;
const SESSION = /^=+ test session starts =+$/;
const SUGAR = /^Results \([\d.]+s[^)]*\):$/;
const SHORT = /^=+ short test summary info =+$/;
const RULE = /^(_{3,}|={3,}|-{3,}|!{3,}) .* (_{3,}|={3,}|-{3,}|!{3,})$/;

/** pytest's terminal output. */
export const pytest: ConsoleReader = (lines) => {
  if (!lines.some((line) => SESSION.test(line) || SUMMARY.test(line) || SHORT.test(line) || SUGAR.test(line)))
    return undefined;
  const sessions = lines.filter((line) => SESSION.test(line)).length;
  const summaries = lines
    .flatMap((line, at) => SUMMARY.exec(line)?.[1] ?? sugarAt(lines, at) ?? [])
    .slice(-Math.max(1, sessions));
  const shorts = lines.flatMap((line) => {
    const [, kind, id = '', message = ''] = /^(FAILED|ERROR) (\S.*?)(?: - (.*))?$/.exec(line) ?? [];
    return kind === undefined ? [] : [{ kind, id, message }];
  });
  const details = detailsOf(lines);
  const cases = shorts.map(({ kind, id, message }) => {
    const detail = details.get(lastName(id)) ?? { text: '', where: '' };
    return { kind, test: failure(id, detail.text === '' ? message : detail.text, detail.where) };
  });
  const broken = cases.filter(({ kind, test }) => kind === 'ERROR' && !test.id.includes('::')).map(({ test }) => test);
  const failures = cases.filter(({ test }) => test.id.includes('::') || !broken.includes(test)).map(({ test }) => test);
  const usage = lines.find((line) => /^ERROR: |^E?\s*(ImportError while loading conftest|\S*UsageError)/.test(line));
  return reading('pytest', {
    counts: sumOf(summaries.map(countsOf)) ?? null,
    failures: unique(failures),
    broken: unique(usage === undefined || cases.length > 0 ? broken : [failure('pytest', usage)]),
    stopped: summaries.length === 0 && lines.some((line) => /^\++ Timeout \++$/.test(line)),
    running: /^(\S+::\S+) *$/.exec(lines.findLast((line) => line !== '') ?? '')?.[1],
  });
};

/** The plug-in pytest-sugar gives each figure a line. */
function sugarAt(lines: readonly string[], at: number): string | undefined {
  if (!SUGAR.test(lines[at] ?? '')) return undefined;
  return lines
    .slice(at + 1)
    .filter((line) => /^ +\d+ (passed|failed|errors?|skipped|xfailed|xpassed)$/.test(line))
    .join(',');
}

function countsOf(summary: string): Counts {
  const passed = tally(summary, 'passed', 'xpassed');
  const failed = tally(summary, 'failed', 'errors?');
  return { passed, failed, total: passed + failed + tally(summary, 'skipped', 'xfailed') };
}

/** `E` lines of each failing test, by the test's name, and the place of the last own frame. */
function detailsOf(lines: readonly string[]): ReadonlyMap<string, { readonly text: string; readonly where: string }> {
  const found = new Map<string, { text: string; where: string }>();
  for (const { title, body } of blocks(
    lines,
    /^_{3,} (?:ERROR (?:at \w+ of|collecting) )?(.+?) _{3,}$/,
    /^={3,} .* ={3,}$/,
  )) {
    const end = body.findIndex((line) => RULE.test(line));
    const own = body.slice(0, end < 0 ? undefined : end);
    const errors = own.filter((line) => /^E {2,}/.test(line)).map((line) => line.replace(/^E {2,4}/, ''));
    const where = own.map((line) => /^(\S+\.py:\d+): /.exec(line)?.[1]).findLast((place) => place !== undefined) ?? '';
    found.set(lastName(title[1] ?? ''), { text: errors.join('\n'), where });
  }
  return found;
}

function lastName(id: string): string {
  return id.replaceAll('::', '.').replace(/^.*\.py\./, '');
}
