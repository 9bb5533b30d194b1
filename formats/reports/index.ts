import path from 'node:path';
import { oneLine } from '../../domain/text.ts';
import { readGoJson } from './go.ts';
import { readJUnit } from './junit.ts';
import { readPlaywright } from './playwright.ts';
import { readPytestJson, readPytestLog } from './pytest.ts';
import type { Report, TestCase } from './report.ts';
import { ReportBroken } from './report.ts';
import { readTap } from './tap.ts';

/** A report file as a command left it; `name` is its path below the worktree. */
export interface ReportText {
  readonly name: string;
  readonly text: string;
  /** Why its text is missing. */
  readonly problem?: string;
}

/** A report, or why there is none: half a sentence that goes on after "the report". */
export type ReadReport = { readonly report: Report } | { readonly problem: string };

const KNOWN = 'it is neither JUnit XML, TAP, nor JSON of Playwright, pytest or go test';
const HEAD_LINES = 50;

/** Reads a report in the format that its content shows, whatever its name is. */
export function readReport({ name, text, problem }: ReportText): ReadReport {
  if (problem !== undefined) return { problem };
  const content = text.replace(/^\uFEFF/, '').trim();
  if (content === '') return { problem: 'is empty' };
  try {
    const report = readerOf(content)(content);
    return { report: { ...report, cases: report.cases.map((test) => withPlaces(test, report, name)) } };
  } catch (error) {
    if (error instanceof ReportBroken) return { problem: error.message };
    return {
      problem: `could not be understood: ${oneLine(error instanceof Error ? error.message : String(error), 120)}`,
    };
  }
}

type Reader = (text: string) => Report;

function readerOf(content: string): Reader {
  if (content.startsWith('<')) return readJUnit;
  const head = content.split('\n', HEAD_LINES);
  if (head.some((line) => /^\{"(Time|Action|ImportPath)":/.test(line))) return readGoJson;
  if (/^\{.*"\$report_type":/.test(head[0] ?? '')) return readPytestLog;
  if (content.startsWith('{')) return readJson;
  if (head.some((line) => /^(TAP version \d+|1\.\.\d+(\s+#.*)?|(not )?ok\b.*)\s*$/.test(line))) return readTap;
  throw new ReportBroken(`has no format that is known: ${KNOWN}`);
}

function readJson(text: string): Report {
  const value = parsed(text);
  if ('suites' in value && ('stats' in value || 'config' in value)) return readPlaywright(value);
  if ('tests' in value && 'summary' in value) return readPytestJson(value);
  throw new ReportBroken(`has no format that is known: ${KNOWN}`);
}

function parsed(text: string): object {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : {};
  } catch {
    throw new ReportBroken('is JSON that is broken or cut off');
  }
}

/** JUnit names attachments relative to the report's own folder. */
function withPlaces(test: TestCase, { format }: Report, name: string): TestCase {
  if (format !== 'junit' || test.attachments === undefined) return test;
  const attachments = test.attachments.map((file) => ({
    ...file,
    path: path.isAbsolute(file.path) ? file.path : path.join(path.dirname(name), file.path),
  }));
  return { ...test, attachments };
}
