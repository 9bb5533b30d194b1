import { Parser } from 'tap-parser';
import type { Result } from 'tap-parser';
import { ownFrame } from './frame.ts';
import type { Report, TestCase } from './report.ts';
import { reportOf } from './report.ts';

const MAX_LINE = 10_000;
const MAX_INDENT = 64;
const MAX_COMMENTS = 200;
// Of a YAML block: where it was and how long it took, and what the stack shows again.
const ASIDE = new Set([
  'stack',
  'at',
  'location',
  'type',
  'duration_ms',
  'file',
  'line',
  'column',
  'source',
  'failureType',
]);
// Comments that frame a run.
const FRAMING =
  /^(Subtest: |(tests|suites|pass|fail|cancelled|skipped|todo|duration_ms) +[\d.]+$|ok$|Looks like you |bats warning: |Failed test |at )/;
const TEST_FILE = /^[^\s]*[/.][\w.-]*\.[cm]?[jt]sx?$/;

interface Level {
  readonly cases: TestCase[];
  readonly broken: TestCase[];
  /** Comment lines since the last point of any level. */
  comments: string[];
  /** The last point, when it failed and said nothing else: what follows is its. */
  silent: TestCase | undefined;
}

/**
 * Reads TAP 12 to 14, with subtests and YAML diagnostics: the points without subtests are the tests, those
 * to do count as skipped. A plan that is missing, or that
 * was not kept to, is a failed test named `plan`; a bail-out breaks the suite.
 */
export function readTap(text: string): Report {
  const parser = new Parser();
  const level: Level = { cases: [], broken: [], comments: [], silent: undefined };
  listen(parser, level);
  for (const line of telling(text.split('\n').map(shortened))) parser.write(`${line}\n`);
  parser.end();
  explain(level);
  const { bailedOut, planStart, planEnd, count } = parser;
  if (bailedOut !== false)
    level.broken.push(failed('Bail out', `Bail out! ${bailedOut === true ? '' : bailedOut}`.trim()));
  else if (planStart === -1 && count > 0) level.cases.push(failed('plan', 'there is no plan: the run did not end'));
  else if (planStart !== -1 && planEnd - planStart + 1 !== count)
    level.cases.push(failed('plan', `${planEnd - planStart + 1} tests were planned, ${count} ran`));
  return reportOf('tap', level.cases, { broken: level.broken });
}

/** The lines without the diagnostics of points that passed, of which only the time is read: parsing YAML takes long. */
function* telling(lines: readonly string[]): Generator<string> {
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at] ?? '';
    const indent = /^( *)ok\b[^#]*$/.exec(line)?.[1];
    const length =
      indent === undefined || lines[at + 1] !== `${indent}  ---` ? 0 : blockLength(lines, at + 1, `${indent}  `);
    const block = lines.slice(at + 1, at + 1 + length);
    const time = block.map((each) => /^ *duration_ms: ([\d.]+)$/.exec(each)?.[1]).find((found) => found !== undefined);
    yield time === undefined ? line : `${line} # time=${time}ms`;
    at += length;
  }
}

/** How many lines a YAML block from here takes; 0 when it has no end. */
function blockLength(lines: readonly string[], from: number, indent: string): number {
  for (let at = from; lines[at]?.startsWith(indent) === true; at++)
    if (lines[at] === `${indent}...`) return at - from + 1;
  return 0;
}

/** Deep indents and endless lines are no TAP, and would take the parser's time. */
function shortened(line: string): string {
  const start = line.search(/[^ ]/);
  const rest =
    start > MAX_INDENT ? ' '.repeat(MAX_INDENT) + line.slice(start, start + MAX_LINE) : line.slice(0, MAX_LINE);
  return rest.replace(/\r$/, '');
}

function listen(parser: Parser, level: Level): void {
  let inner = { tests: 0, failed: 0 };
  parser.on('child', (child: Parser) => {
    const before = level.cases.length;
    listen(child, level);
    child.on('complete', () => {
      const own = level.cases.slice(before);
      inner = { tests: own.length, failed: own.filter(({ result }) => result === 'failed').length };
    });
  });
  parser.on('comment', (line: string) => {
    if (level.comments.length < MAX_COMMENTS) level.comments.push(line.trim().replace(/^#\s?/, ''));
  });
  parser.on('assert', (point: Result) => {
    explain(level);
    const summary = point.closingTestPoint && inner.tests > 0;
    const test = caseOf(point);
    if (!summary || (test.result === 'failed' && inner.failed === 0)) add(level, test);
    inner = { tests: 0, failed: 0 };
    level.comments = [];
  });
}

/** Bats and Perl say below a failed point, in comments, what others put into YAML. */
function explain(level: Level): void {
  const { cases, comments, silent } = level;
  const at = silent === undefined ? -1 : cases.lastIndexOf(silent);
  const said = comments.filter((line) => !FRAMING.test(line));
  if (silent !== undefined && at >= 0) cases[at] = { ...silent, message: said.join('\n').trim() };
  level.silent = undefined;
}

/** A file of its own that fails without a test could not be loaded: what it printed says why. */
function add(level: Level, test: TestCase): void {
  if (test.result === 'failed' && TEST_FILE.test(test.id))
    level.broken.push({ ...test, message: level.comments.join('\n') || test.message });
  else level.cases.push(test);
  level.silent = test.result === 'failed' && test.message === '' ? test : undefined;
}

function caseOf({ ok, name, id, skip, todo, diag, time, fullname }: Result): TestCase {
  const result = skip !== false || todo !== false ? 'skipped' : ok ? 'passed' : 'failed';
  const facts: Readonly<Record<string, unknown>> = typeof diag === 'object' && diag !== null ? diag : {};
  return {
    id: (name === '' ? `${fullname} ${id}` : fullname).trim(),
    result,
    message: result === 'failed' ? messageOf(facts) : '',
    where: result === 'failed' ? placeOf(facts) : '',
    seconds: typeof time === 'number' ? time / 1000 : null,
  };
}

/** The error first, then what was compared. */
function messageOf(facts: Readonly<Record<string, unknown>>): string {
  const { error, message, name, ...rest } = facts;
  const said = shown(error ?? message ?? '');
  const kind = typeof name === 'string' && said !== '' ? `${name}: ` : '';
  const others = Object.entries(rest).filter(([key]) => !ASIDE.has(key));
  return [`${kind}${said}`, ...others.map(([key, value]) => `${key}: ${shown(value)}`)].join('\n').trim();
}

function shown(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
}

function placeOf({ stack, at, location }: Readonly<Record<string, unknown>>): string {
  const frames = [stack, at, location].map((each) => (typeof each === 'string' ? ownFrame(each) : objectPlace(each)));
  return frames.find((place) => place !== '') ?? '';
}

function objectPlace(value: unknown): string {
  if (typeof value !== 'object' || value === null) return '';
  const { file, fileName, line, lineNumber }: Readonly<Record<string, unknown>> = { ...value };
  const [name, number] = [file ?? fileName, line ?? lineNumber];
  return typeof name === 'string' && typeof number === 'number' ? `${name}:${number}` : '';
}

function failed(id: string, message: string): TestCase {
  return { id, result: 'failed', message, where: '', seconds: null };
}
