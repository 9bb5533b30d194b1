import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { judge } from '../../formats/judge.ts';
import type { Judgement } from '../../formats/judge.ts';
import type { ReportText } from '../../formats/reports/index.ts';
import { EXIT, UsageError } from '../errors.ts';

const REPORTS = ['report.xml', 'report.json', 'report.jsonl', 'report.tap'];

/** `spec-to-pr judge`: shows how a kept test run is read. */
export async function verb(options: { readonly json?: boolean }, folder?: string): Promise<number> {
  if (folder === undefined || folder === '')
    throw new UsageError(
      'no folder: name one that holds stdout.txt, exit_code and, if there is one, a report: report.xml, report.json, report.jsonl or report.tap',
    );
  const found = await stat(folder).catch(() => undefined);
  if (found === undefined || !found.isDirectory()) throw new UsageError(`${folder} is not a folder`);
  const output = await readFile(path.join(folder, 'stdout.txt'), 'utf8').catch(() => {
    throw new UsageError(`${folder} has no stdout.txt: put the command's output there (command > stdout.txt 2>&1)`);
  });
  const exitCode = await exitCodeIn(folder);
  const reports = await reportsIn(folder);
  const judgement = judge({ output, exitCode, reports });
  const { class: kind, fingerprint, passed, failed, total } = judgement;
  if (options.json === true)
    process.stdout.write(`${JSON.stringify({ class: kind, fingerprint, passed, failed, total })}\n`);
  else process.stdout.write(`${page(judgement, reports.length > 0).join('\n')}\n`);
  return EXIT.done;
}

/** The first that is there: others would tell of the same tests again. */
async function reportsIn(folder: string): Promise<readonly ReportText[]> {
  for (const name of REPORTS) {
    const text = await readFile(path.join(folder, name), 'utf8').catch(() => undefined);
    if (text !== undefined) return [{ name, text }];
  }
  return [];
}

async function exitCodeIn(folder: string): Promise<number> {
  const text = await readFile(path.join(folder, 'exit_code'), 'utf8').catch(() => {
    throw new UsageError(`${folder} has no exit_code: put the command's exit code there (echo $? > exit_code)`);
  });
  const code = Number(text.trim());
  if (text.trim() === '' || !Number.isInteger(code))
    throw new UsageError(`${path.join(folder, 'exit_code')} holds ${JSON.stringify(text.slice(0, 40))}, not a number`);
  return code;
}

function page(judgement: Judgement, withReport: boolean): readonly string[] {
  const { class: kind, why, passed, failed, total, format, fingerprint, essence, failures, unread } = judgement;
  const counts =
    total === null
      ? failed === null
        ? 'the output shows none'
        : `${failed} failed; the output does not show how many ran`
      : `${passed} passed, ${failed} failed, ${total} in all`;
  return [
    `class        ${kind}${why === '' ? '' : ` – ${why}`}`,
    `counts       ${counts}`,
    `read by      ${format === 'exit-code' ? 'the exit code alone: no report, and no test runner that is known' : format}`,
    ...unread.map((sentence) => `unread       ${sentence}: the output was judged in its place`),
    ...(fingerprint === '' ? [] : [`fingerprint  ${fingerprint}, made of`, ...indent(essence, 20)]),
    ...failures
      .slice(0, 10)
      .flatMap(({ id, where, message }) => ['', `${id}${where === '' ? '' : `  (${where})`}`, ...indent(message, 12)]),
    ...(failures.length > 10 ? ['', `… and ${failures.length - 10} more`] : []),
    ...(withReport
      ? []
      : ['', 'A report is read exactly: let the command write one (JUnit XML, TAP, or JSON) and name it as "report".']),
  ];
}

function indent(text: string, max: number): readonly string[] {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  const shown = lines.slice(0, max).map((line) => `    ${line}`);
  return lines.length > max ? [...shown, `    … ${lines.length - max} lines more`] : shown;
}
