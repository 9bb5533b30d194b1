import type { TestCase } from '../reports/report.ts';
import { failure, reading, unique } from './reading.ts';
import type { ConsoleReader, Counts } from './reading.ts';

type Kind = 'passed' | 'failed' | 'skipped' | 'total' | 'other';

const KINDS: readonly (readonly [Kind, string])[] = [
  ['passed', 'pass(?:ed|es|ing)?|success(?:es|ful|fully)?|succeed(?:ed)?|ok'],
  ['failed', 'fail(?:ed|s|ures?|ing)?|error(?:s|ed)?|broken|crash(?:ed|es)|timed? ?out'],
  ['skipped', 'skip(?:ped|s)?|pending|ignored|disabled|todo|omitted|excluded|cancell?ed|not run|undefined'],
  ['total', 'tests?|specs?|examples?|scenarios?|test cases?|cases?|total|tests? run|tests? executed|checks?'],
  [
    'other',
    'assertions?|asserts?|expects?|expectations?|steps?|suites?|test suites?|files?|test files?|warnings?|flaky',
  ],
];
const NOUN = '(?:tests?|specs?|examples?|scenarios?|test cases?|cases?|checks?)';
const word = (kinds: string): string => `(${kinds})(?![\\w-])`;
const AFTER = KINDS.map(
  ([kind, words]) =>
    [kind, new RegExp(`^${NOUN} (?:were |was |have |has )?${word(words)}|^${word(words)}`, 'i')] as const,
);
const BEFORE = KINDS.map(
  ([kind, words]) => [kind, new RegExp(`(?:^|[^\\w-])(?:${NOUN} )?${word(words)}\\W{0,3}[:=]\\s{0,20}$`, 'i')] as const,
);
const FIGURE = /\d{1,9}(?![\w.]*\w)/g;
const MAX_LINE = 300;
// A summary stands at the end.
const MAX_LINES = 5000;
const MAX_BLOCK = 12;
// How much else a summary may say, such as how long it took.
const MAX_REST = 60;
const ALL = /^\W{0,9}all (?:of the )?(\d{1,9}) \w+(?: \w+)? (?:passed|passing|succeeded|ok)\b/i;
const HEADS: readonly RegExp[] = [
  /^\s*(?:✗|✘|✖|✕|×|❌|\[(?:x|FAIL|FAILED|ERROR)\])\s+(\S.*)$/,
  /^\s*(?:FAIL|FAILED|FAILURE|Failure|Failed)(?:: | {1,3}[-–>] | {2,})(\S.*)$/,
  /^\s*(\S.*?)(?: \.{2,}|:| -)? +(?:\[ ?)?(?:FAIL|FAILED|ERROR)(?: ?\])?(?: \(.*\))?$/,
  /^\s*\d+\) (\S.*)$/,
];

interface Figures {
  readonly line: number;
  readonly counts: ReadonlyMap<Kind, number>;
}

/**
 * The summary of a runner that no other reader knows: figures beside words such as `passed` and `failed` in one line, or a line
 * each; the last such summary counts.
 */
export const figures: ConsoleReader = (whole) => {
  const lines = whole.slice(-MAX_LINES);
  const all = lines.map((line) => ALL.exec(line.slice(0, MAX_LINE))?.[1]).findLast((found) => found !== undefined);
  const counts =
    lastSummary(lines) ?? (all === undefined ? undefined : { passed: Number(all), failed: 0, total: Number(all) });
  if (counts === undefined) return undefined;
  const failures = counts.failed === 0 ? [] : named(lines);
  return reading('summary', { counts, failures: failures.length === counts.failed ? failures : [] });
};

function lastSummary(lines: readonly string[]): Counts | undefined {
  let block: Figures[] = [];
  let last: Counts | undefined;
  for (const [line, text] of lines.entries()) {
    if (!/\d/.test(text) || text.length > MAX_LINE) continue;
    const counts = figuresOf(text);
    if (counts === undefined) continue;
    if (line - (block.at(-1)?.line ?? -9) > 2 || block.length >= MAX_BLOCK || repeats(block, counts)) block = [];
    block.push({ line, counts });
    last = countsOf(block) ?? last;
  }
  return last;
}

function repeats(block: readonly Figures[], counts: ReadonlyMap<Kind, number>): boolean {
  return block.some((each) => [...counts.keys()].some((kind) => kind !== 'other' && each.counts.has(kind)));
}

/** The figures of a line that says little else. */
function figuresOf(line: string): ReadonlyMap<Kind, number> | undefined {
  const counts = new Map<Kind, number>();
  let rest = line.replace(/[^A-Za-z]/g, '').length;
  for (const found of line.matchAll(FIGURE)) {
    const after = line.slice(found.index + found[0].length);
    const before = line.slice(Math.max(0, found.index - 40), found.index);
    const label = BEFORE.find(([, pattern]) => pattern.test(before)) ?? afterOf(after);
    if (label === undefined) continue;
    const [kind, pattern] = label;
    const said = (pattern.exec(before)?.[0] ?? pattern.exec(after.trimStart())?.[0] ?? '').replace(/[^A-Za-z]/g, '');
    rest -= said.length;
    counts.set(kind, (counts.get(kind) ?? 0) + Number(found[0]));
  }
  return counts.size === 0 || rest > MAX_REST ? undefined : counts;
}

function afterOf(after: string): readonly [Kind, RegExp] | undefined {
  return /^[ \t]/.test(after) ? AFTER.find(([, pattern]) => pattern.test(after.trimStart())) : undefined;
}

/** Both what passed or failed and something to hold against it has to be told. */
function countsOf(block: readonly Figures[]): Counts | undefined {
  const all = new Map(block.flatMap(({ counts }) => [...counts]));
  const [passed, failed, skipped, total] = [all.get('passed'), all.get('failed'), all.get('skipped'), all.get('total')];
  const told = [passed, failed, total].filter((figure) => figure !== undefined).length;
  if (told < 2) return undefined;
  const sum = (passed ?? 0) + (failed ?? 0) + (skipped ?? 0);
  if (total !== undefined && sum > total && passed !== undefined) return undefined;
  const whole = passed === undefined ? (total ?? 0) : Math.max(total ?? 0, sum);
  const red = failed ?? Math.max(0, whole - (passed ?? 0) - (skipped ?? 0));
  return { passed: passed ?? Math.max(0, whole - red - (skipped ?? 0)), failed: red, total: whole };
}

function isHead(line: string, head: RegExp): boolean {
  return line.length <= MAX_LINE && /[a-z]{2}/i.test(head.exec(line)?.[1] ?? '') && figuresOf(line) === undefined;
}

/** The first manner of naming failures that the output follows, each with what stands below it. */
function named(lines: readonly string[]): readonly TestCase[] {
  for (const head of HEADS) {
    const at = lines.flatMap((line, index) => (isHead(line, head) ? [index] : []));
    const found = at.map((from, index) => {
      const body = lines.slice(from + 1, Math.min(at[index + 1] ?? lines.length, from + 30));
      const end = body.findIndex((line) => figuresOf(line.slice(0, MAX_LINE)) !== undefined);
      return failure(head.exec(lines[from] ?? '')?.[1] ?? '', body.slice(0, end < 0 ? undefined : end).join('\n'));
    });
    if (found.length > 0) return unique(found);
  }
  return [];
}
