import { createHash } from 'node:crypto';
import { stripVTControlCharacters } from 'node:util';
import { normalise, signature } from '../domain/fingerprint.ts';
import type { FailureClass } from '../domain/gate.ts';
import { oneLine } from '../domain/text.ts';
import { readJUnit } from './reports/junit.ts';
import type { Report, TestCase } from './reports/report.ts';

/** One finished command: `output` is stdout and stderr, `exitCode` null when it was killed. */
export interface TestRun {
  readonly output: string;
  readonly exitCode: number | null;
  readonly timedOut?: boolean;
  readonly reports: readonly { readonly name: string; readonly text: string }[];
}

/** What the run showed. Counts are null where nothing tells them; `total` counts skipped tests too. */
export interface Judgement {
  readonly class: FailureClass | 'pass';
  readonly passed: number | null;
  readonly failed: number | null;
  readonly total: number | null;
  /** Empty for a pass, or when there is nothing to tell apart. */
  readonly fingerprint: string;
  readonly failures: readonly TestCase[];
  /** Which reader understood it. */
  readonly format: string;
  readonly why: string;
}

const KILLED = [124, 137, 143];

/** Says what a test run showed, from its exit code, its reports and, where these are silent, its output. */
export function judge(run: TestRun): Judgement {
  const report = merge(run.reports.map(({ text }) => readJUnit(text)).filter((found) => found !== null));
  const counts = { passed: report?.passed ?? null, failed: report?.failed ?? null, total: report?.total ?? null };
  const failures = report?.cases.filter(({ result }) => result === 'failed') ?? [];
  const kind = classify(run, report);
  const common = { ...counts, failures, format: report?.format ?? 'exit-code', class: kind };
  if (kind === 'pass') return { ...common, fingerprint: '', why: '' };
  return { ...common, fingerprint: fingerprint(run, kind, failures), why: reason(run, kind, failures) };
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
    }),
    first,
  );
}

function classify({ exitCode, timedOut }: TestRun, report: Report | undefined): FailureClass | 'pass' {
  if (timedOut === true || (exitCode !== null && KILLED.includes(exitCode))) return 'timeout';
  if (exitCode === 127 || exitCode === 126) return 'infra';
  if (report !== undefined && report.failed > 0) return 'test_failure';
  if (report !== undefined && report.passed === 0) return 'no_tests';
  return exitCode === 0 ? 'pass' : 'test_failure';
}

function fingerprint({ output }: TestRun, kind: string, failures: readonly TestCase[]): string {
  const lines = stripVTControlCharacters(output).trim().split('\n').slice(-20).map(normalise);
  const essence = failures.length > 0 ? signature(failures) : lines.join('\n');
  return createHash('sha256').update(`${kind}\n${essence}`).digest('hex').slice(0, 32);
}

function reason({ exitCode, output }: TestRun, kind: string, failures: readonly TestCase[]): string {
  const [first] = failures;
  if (first !== undefined)
    return `${failures.length} ${failures.length === 1 ? 'test' : 'tests'} failed, first ${oneLine(first.id, 120)}`;
  if (kind === 'timeout') return 'the command did not finish in time';
  if (kind === 'no_tests') return 'no test was executed';
  return `exit code ${exitCode ?? 'none (killed)'}: ${oneLine(stripVTControlCharacters(output).trim().split('\n').at(-1) ?? '', 160)}`;
}
