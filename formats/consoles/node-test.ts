import type { TestCase } from '../reports/report.ts';
import { blocks, failure, reading, unique } from './reading.ts';
import type { ConsoleReader } from './reading.ts';

const SUMMARY = /^ℹ (tests|suites|pass|fail|cancelled|skipped|todo) (\d+)$/;

/** The spec and dot reporters of `node --test`; the latter tells no counts. A file of its own that fails could not be loaded. */
export const nodeTest: ConsoleReader = (lines) => {
  const figures = new Map<string, number>();
  for (const line of lines) {
    const [, name = '', number = ''] = SUMMARY.exec(line) ?? [];
    if (name !== '') figures.set(name, (figures.get(name) ?? 0) + Number(number));
  }
  const figure = (name: string): number => figures.get(name) ?? 0;
  const from = lines.findIndex((line) => /^(✖ failing tests:|Failed tests:$)/.test(line));
  const counted = figures.has('tests') && figures.has('pass');
  const dots = from > 0 && lines.slice(0, from).some((line) => /^[.X]*X[.X]*$/.test(line));
  if (!counted && !dots) return undefined;
  const cases = from < 0 ? [] : failing(lines.slice(from + 1));
  const isFile = ({ id }: TestCase): boolean => /^[^\s]*[/.][\w.-]*\.[cm]?[jt]sx?$/.test(id);
  const [broken, failures] = [cases.filter(isFile), cases.filter((test) => !isFile(test))];
  return reading('node:test', {
    counts: counted
      ? { passed: figure('pass'), failed: figure('fail') + figure('cancelled'), total: figure('tests') }
      : null,
    failures: unique(failures),
    broken: broken.map((test) => ({ ...test, message: loadProblem(lines) ?? test.message })),
  });
};

function failing(lines: readonly string[]): readonly TestCase[] {
  const cases: TestCase[] = [];
  let where = '';
  for (const { title, body } of blocks(lines, /^(?:test at (.+):\d+|✖ (.+?)(?: \([\d.]+ms\))?)(?: #.*)?$/, /^\s*$/)) {
    if (title[1] !== undefined) where = title[1];
    else cases.push(failure(title[2] ?? '', body.join('\n'), where));
  }
  return cases.filter(({ message }) => !/^'\d+ subtests? failed'$/.test(message));
}

/** What a file that could not be loaded printed: the error stands before the results. */
function loadProblem(lines: readonly string[]): string | undefined {
  const at = lines.findIndex((line) => /^\w*(Error|Exception)\b.*: /.test(line));
  if (at < 0) return undefined;
  return [
    lines.slice(Math.max(0, at - 5), at).find((line) => /^(file:\/\/)?\/.*:\d+$/.test(line)) ?? '',
    lines[at],
  ].join('\n');
}
