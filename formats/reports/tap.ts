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
// A point without a directive; those of a suite end in a brace.
const POINT = /^( *)(not )?ok\b[^#]*$/;
const PLAIN = /^ok \d+ (?:- )?([^#\\{]+)$/;
const MAX_TOLD = 1000;
const NO_TESTS = /^\W*(Error: )?No tests (matched|found)\b/i;
const MAX_BAIL_OUT = 20;
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
 * was not kept to, is a failed test named `plan`; so is a bail-out named that, but one before any test passed breaks the suite.
 */
export function readTap(text: string): Report {
  const parser = new Parser();
  const level: Level = { cases: [], broken: [], comments: [], silent: undefined };
  listen(parser, level);
  let plain = 0;
  for (const line of telling(text.split('\n').map(shortened))) {
    if (typeof line === 'string') parser.write(`${line}\n`);
    else plain = level.cases.push(line) > 0 ? plain + 1 : plain;
  }
  parser.end();
  explain(level);
  const { bailedOut, planStart, planEnd } = parser;
  const count = parser.count + plain;
  if (bailedOut !== false) bailOut(level, bailedOut === true ? '' : bailedOut, text);
  else if (planEnd === 0 && count > 0) unplanned(level);
  else if (planStart === -1 && count > 0) level.cases.push(failed('plan', 'there is no plan: the run did not end'));
  else if (planStart !== -1 && planEnd - planStart + 1 !== count)
    level.cases.push(failed('plan', `${planEnd - planStart + 1} tests were planned, ${count} ran`));
  return reportOf('tap', level.cases, { broken: level.broken });
}

/**
 * The lines, without the diagnostics of points that passed, of which only the time is read, and of those that failed after the
 * first thousand: parsing YAML takes long. A point that passed after one that did, with nothing between them, is given as a test.
 */
function* telling(lines: readonly string[]): Generator<string | TestCase> {
  let [calm, told] = [false, 0];
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at] ?? '';
    if (calm && line.startsWith('# Subtest: ') && PLAIN.test(lines[at + 1] ?? '')) continue;
    const [, indent, not = ''] = POINT.exec(line) ?? [];
    const has = indent !== undefined && lines[at + 1] === `${indent}  ---`;
    const length = has ? blockLength(lines, at + 1, `${indent}  `) : 0;
    if (not !== '' && (told += 1) <= MAX_TOLD) {
      yield line;
      calm = false;
      continue;
    }
    const time = length === 0 ? undefined : timeIn(lines, at + 1, length);
    const id = calm ? PLAIN.exec(line)?.[1]?.trim() : undefined;
    if (id !== undefined)
      yield { id, result: 'passed', message: '', where: '', seconds: time === undefined ? null : time / 1000 };
    else yield time === undefined ? line : `${line} # time=${time}ms`;
    calm = id !== undefined || PLAIN.test(line);
    at += length;
  }
}

function timeIn(lines: readonly string[], from: number, length: number): number | undefined {
  for (let at = from; at < from + length; at++) {
    const time = /^ *duration_ms: (\d+(?:\.\d+)?)$/.exec(lines[at] ?? '')?.[1];
    if (time !== undefined) return Number(time);
  }
  return undefined;
}

/** How many lines a YAML block from here takes; 0 when it has no end. */
function blockLength(lines: readonly string[], from: number, indent: string): number {
  for (let at = from; lines[at]?.startsWith(indent) === true; at++)
    if (lines[at] === `${indent}...`) return at - from + 1;
  return 0;
}

/** Deep indents and endless lines are no TAP, and would take the parser's time. */
function shortened(line: string): string {
  if (line.length < MAX_INDENT && !line.endsWith('\r')) return line;
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

/** Who gives up before a test passed had nothing to run or could not load it. */
function bailOut({ cases, broken }: Level, why: string, text: string): void {
  const at = text.search(/^Bail out!/m);
  const said = at < 0 ? `Bail out! ${why}` : text.slice(at).split('\n', MAX_BAIL_OUT).join('\n');
  const given = failed('Bail out', said.trim());
  const red = cases.filter(({ result }) => result === 'failed');
  if (cases.some(({ result }) => result === 'passed')) cases.push(given);
  else if (NO_TESTS.test(why)) cases.length = 0;
  else broken.push(...(red.length > 0 ? red : [given]));
}

/** Points of a run that planned no tests are files that could not be loaded, or hold no tests. */
function unplanned({ cases, broken }: Level): void {
  broken.push(...cases.filter(({ result, id }) => result === 'failed' && !NO_TESTS.test(id)));
  cases.length = 0;
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
