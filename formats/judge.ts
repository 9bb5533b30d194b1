import { createHash } from 'node:crypto';
import { stripVTControlCharacters } from 'node:util';
import { complaints, essence, normalise, signature } from '../domain/fingerprint.ts';
import type { FailureClass } from '../domain/gate.ts';
import { oneLine } from '../domain/text.ts';
import { infraCause } from './causes.ts';
import type { InfraCause } from './causes.ts';
import { readConsole } from './consoles/index.ts';
import type { Counts } from './consoles/reading.ts';
import { separated } from './consoles/streams.ts';
import { unwrapped } from './consoles/wrappers.ts';
import { diagnostics } from './diagnostics.ts';
import { readReport } from './reports/index.ts';
import type { ReportText } from './reports/index.ts';
import type { Report, TestCase } from './reports/report.ts';

/** One finished command: `output` is stdout and stderr, `exitCode` null when it was killed. */
export interface TestRun {
  readonly output: string;
  readonly exitCode: number | null;
  readonly timedOut?: boolean;
  readonly reports: readonly ReportText[];
  /** Where the tested system itself is reached, such as `127.0.0.1:4000`: that it cannot be reached is no fault of the host. */
  readonly tested?: readonly string[];
}

/** What the run showed. Counts are null where nothing tells them; `total` counts skipped tests too. */
export interface Judgement {
  readonly class: FailureClass | 'pass';
  readonly passed: number | null;
  readonly failed: number | null;
  readonly total: number | null;
  /** Empty for a pass, or when there is nothing to tell apart. */
  readonly fingerprint: string;
  /** What the fingerprint was made of. */
  readonly essence: string;
  readonly failures: readonly TestCase[];
  /** Every test that is named: all of them in a report, those that failed on a console. */
  readonly cases: readonly TestCase[];
  /** Ids of tests that a report says failed, and passed when their runner tried them again. */
  readonly flakes: readonly string[];
  /** Which readers understood it. */
  readonly format: string;
  readonly why: string;
  /** A sentence for each report that nobody could read; the output was judged in its place. */
  readonly unread: readonly string[];
}

/** What reports and console tell together. */
interface Facts {
  readonly run: TestRun;
  readonly lines: readonly string[];
  readonly counts: Counts | null;
  readonly failures: readonly TestCase[];
  readonly cases: readonly TestCase[];
  readonly flakes: readonly string[];
  readonly broken: readonly TestCase[];
  /** Of these, what a report says. */
  readonly reported: readonly TestCase[];
  readonly stopped: boolean;
  readonly running: string | undefined;
  readonly format: string;
  readonly unread: readonly string[];
}

// Of `timeout`, SIGKILL and SIGTERM, as a shell counts them.
const KILLED = [124, 137, 143];
// How report writers tell of a file or suite that could not be loaded.
const NOT_LOADED =
  /collection failure|Test suite failed to run|error while importing|_FailedTest|failed to load suite/i;
// RSpec and ExUnit quote the line of the test beside what became of it.
const QUOTED = /^\s*(?:Failure\/Error|code): .*$/gm;
// TAP has no other place for an error than the name of the point.
const THROWN = /^\w*Error: /;
const COMPARED =
  /\bassert|\bexpect(ed)?\b|to equal|should (be|equal)|\bgot:? ["'`]|not (equal|identical) to|with expansion:|is NOT correct!|\bcheck .* has failed\b/i;
// oxlint-disable-next-line no-control-regex
const TO_LINE_START = /\u001B\[[01]?G/g;
// What tests throw of data that they parse, and of what they use while they run.
const NOT_OF_CODE = /JSON|ReferenceError/;
const TAIL_LINES = 80;
const MAX_LINE = 2000;

/** Says what a test run showed, from its reports, else from its output, and its exit code. */
export function judge(run: TestRun): Judgement {
  const facts = gather(run);
  const kind = classify(facts);
  const told = kind === 'compile_error' || kind === 'timeout' ? null : facts.counts;
  const counts = kind === 'no_tests' ? { passed: 0, failed: 0, total: 0 } : told;
  const failures = kind === 'compile_error' && facts.broken.length > 0 ? facts.broken : facts.failures;
  const common = {
    class: kind,
    passed: counts?.passed ?? null,
    failed: counts?.failed ?? (kind === 'test_failure' && failures.length > 0 ? failures.length : null),
    total: counts?.total ?? null,
    failures,
    cases: facts.cases,
    flakes: facts.flakes,
    format: facts.format,
    unread: facts.unread,
  };
  if (kind === 'pass') return { ...common, fingerprint: '', essence: '', why: '' };
  const text = essential(facts, kind);
  const fingerprint = createHash('sha256').update(`${kind}\n${text}`).digest('hex').slice(0, 32);
  return { ...common, fingerprint, essence: text, why: reason(facts, kind, failures) };
}

function gather(run: TestRun): Facts {
  const plain = stripVTControlCharacters(run.output.replace(TO_LINE_START, '\r')).split(/\r?\n|\r/);
  const lines = unwrapped(separated(plain.map((line) => line.slice(0, MAX_LINE))));
  const read = run.reports.map((given) => ({ name: given.name, ...readReport(given) }));
  const report = merge(read.flatMap((each) => ('report' in each ? [each.report] : [])));
  const seen = readConsole(lines);
  const failed = report?.cases.filter(({ result }) => result === 'failed') ?? seen?.failures ?? [];
  const unloaded = failed.filter(({ id, message }) => NOT_LOADED.test(`${id}\n${message}`));
  const broken = [seen?.broken ?? [], [...(report?.broken ?? []), ...unloaded]].find(({ length }) => length > 0) ?? [];
  return {
    run,
    lines,
    counts: report ?? seen?.counts ?? null,
    failures: failed.filter((test) => !unloaded.includes(test)),
    cases: report?.cases ?? failed,
    flakes: report?.cases.filter(({ flaky }) => flaky === true).map(({ id }) => id) ?? [],
    broken,
    reported: report?.broken ?? [],
    stopped: report?.stopped === true || (seen?.stopped ?? false),
    running: seen?.running,
    format: [report?.format, seen?.format].filter((name) => name !== undefined).join(' + ') || 'exit-code',
    unread: read.flatMap((each) => ('problem' in each ? [`the report ${each.name} ${each.problem}`] : [])),
  };
}

function merge(reports: readonly Report[]): Report | undefined {
  const [first, ...rest] = reports;
  if (first === undefined) return undefined;
  return rest.reduce(
    (all, report) => ({
      format: all.format,
      passed: all.passed + report.passed,
      failed: all.failed + report.failed,
      total: all.total + report.total,
      cases: [...all.cases, ...report.cases],
      broken: [...(all.broken ?? []), ...(report.broken ?? [])],
      stopped: all.stopped === true || report.stopped === true,
    }),
    first,
  );
}

function classify(facts: Facts): FailureClass | 'pass' {
  const { run, counts, failures, broken } = facts;
  const { exitCode } = run;
  if (run.timedOut === true || (exitCode !== null && KILLED.includes(exitCode)) || facts.stopped) return 'timeout';
  if (broken.length > 0) return broken.every((one) => hostCause(one, run) !== undefined) ? 'infra' : 'compile_error';
  const nothing = counts !== null && counts.passed + counts.failed === 0;
  const green = exitCode === 0 && counts !== null && !nothing && counts.failed === 0;
  if (failures.length > 0 && counts?.passed === 0 && failures.filter(({ id }) => id !== 'plan').every(cannotLoad))
    return 'compile_error';
  if (!green && (failures.length > 0 || (counts?.failed ?? 0) > 0))
    return failures.length > 0 && failures.every((one) => isHostsFault(one, run)) ? 'infra' : 'test_failure';
  if (exitCode === 0) return nothing ? 'no_tests' : 'pass';
  if (exitCode === 126 || exitCode === 127) return 'infra';
  if (codeProblems(facts).length > 0) return 'compile_error';
  if (nothing) return 'no_tests';
  return hostProblem(facts) === undefined ? 'test_failure' : 'infra';
}

// A runner that does not tell loading from running: where nothing passed, each failure is a file that could not be loaded.
function cannotLoad({ message }: TestCase): boolean {
  return diagnostics(message.split('\n')).some((line) => !NOT_OF_CODE.test(line));
}

// What a test meets in the system that it tests, as well as in the host's.
const AMBIGUOUS: readonly InfraCause[] = ['credentials', 'quota', 'memory', 'provider'];

function isHostsFault(test: TestCase, run: TestRun): boolean {
  const cause = hostCause(test, run);
  return cause !== undefined && !AMBIGUOUS.includes(cause);
}

/** What of the host a failure's own error blames; what an assertion compares, and what is tested, does not count. */
function hostCause({ id, message }: TestCase, { tested = [] }: TestRun): InfraCause | undefined {
  if (tested.some((place) => message.includes(place))) return undefined;
  const said = essence(message.replace(QUOTED, ''));
  const text = said === '' || THROWN.test(id) ? normalise(id) : said;
  const last = /Traceback \(most recent call last\)|^\s*File ".+", line \d+/m.test(message)
    ? (text.split('\n').at(-1) ?? '')
    : text;
  return COMPARED.test(last) ? undefined : infraCause(last);
}

/** What compilers and loaders say, unless the host is the reason: as a report has it, else as it was printed. */
function codeProblems({ lines, reported, broken }: Facts): readonly string[] {
  const places = [linesIn(reported), lines, linesIn(broken)].map(diagnostics);
  return (places.find(({ length }) => length > 0) ?? []).filter((line) => infraCause(line) === undefined);
}

function linesIn(cases: readonly TestCase[]): readonly string[] {
  return cases.flatMap(({ message }) => message.split('\n'));
}

function hostProblem({ lines, run: { tested = [] } }: Facts): string | undefined {
  const blames = (line: string): boolean =>
    infraCause(line) !== undefined && !tested.some((place) => line.includes(place));
  return lines.slice(-TAIL_LINES).findLast(blames);
}

/** The text that two runs with the same cause have in common. */
function essential(facts: Facts, kind: FailureClass): string {
  const { failures, broken, lines } = facts;
  if (kind === 'timeout') return facts.running ?? '';
  if (kind === 'no_tests') return '';
  if (kind === 'infra') return hostsFault(facts);
  if (kind !== 'compile_error') return failures.length > 0 ? signature(failures) : complaints(lines);
  const said = codeProblems(facts);
  const found = said.length > 0 ? said.map(normalise) : broken.map(({ message }) => essence(message));
  return [...new Set(found)].toSorted().join('\n');
}

/** Causes are told by kind, host and place, because tools word them in the user's language. */
function hostsFault(facts: Facts): string {
  const cases = [...facts.failures, ...facts.broken];
  const [first] = cases;
  const text = first === undefined ? (hostProblem(facts) ?? '') : essence(first.message) || first.id;
  const ids = cases.map(({ id }) => normalise(id)).toSorted();
  const hosts = text.match(/\b[a-z][\w-]*(?:\.[\w-]+)*\.[a-z]{2,}\b/gi) ?? [];
  return [infraCause(text) ?? '', facts.run.exitCode ?? '', ...ids, ...new Set(hosts)].join('\n');
}

function reason(facts: Facts, kind: FailureClass, failures: readonly TestCase[]): string {
  const { run, lines } = facts;
  const [first] = failures;
  if (kind === 'timeout')
    return `the command did not finish in time${facts.running === undefined ? '' : `, running ${oneLine(facts.running, 120)}`}`;
  if (kind === 'no_tests') return 'no test was executed';
  if (kind === 'infra') {
    const text = first === undefined ? (hostProblem(facts) ?? '') : essence(first.message);
    return `${infraCause(text) ?? 'tool'}: ${oneLine(text, 160) || lastLine(lines)}`;
  }
  if (kind === 'compile_error') return oneLine(codeProblems(facts)[0] ?? first?.message ?? lastLine(lines), 200);
  if (first !== undefined)
    return `${failures.length} ${failures.length === 1 ? 'test' : 'tests'} failed, first ${oneLine(first.id, 120)}`;
  return `exit code ${run.exitCode ?? 'none (killed)'}: ${oneLine(lastLine(lines), 160)}`;
}

function lastLine(lines: readonly string[]): string {
  return lines.findLast((line) => line.trim() !== '') ?? '';
}
