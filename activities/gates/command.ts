import { glob, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { FailureClass, Finding, TestCounts } from '../../domain/gate.ts';
import { head, oneLine, tail } from '../../domain/text.ts';
import { judge } from '../../formats/judge.ts';
import type { Judgement } from '../../formats/judge.ts';
import type { Io } from '../io.ts';
import { runCommand } from '../process/run-command.ts';

export interface GateCommand {
  /** `<repository>:<check>`: prefix of the findings' ids. */
  readonly name: string;
  readonly run: string;
  /** Report files: paths or globs below `directory`. */
  readonly reports: readonly string[];
  readonly directory: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly seconds: number;
  /** Folder for the full output and the reports. */
  readonly keep: string;
}

/** What one command of a gate showed. */
export interface CommandVerdict {
  readonly name: string;
  readonly result: 'passed' | 'failed' | 'not_run';
  readonly examined: number;
  readonly tests: TestCounts | null;
  readonly why: string;
  readonly failureClass: FailureClass | null;
  readonly fingerprint: string;
  readonly findings: readonly Finding[];
  readonly excerpt: string;
  readonly files: readonly string[];
}

const MISSING_TOOL = 127;

/** Runs one command and judges it by its exit code, output and reports. Reports left over from before are removed first. */
export async function runGateCommand(command: GateCommand, io: Io): Promise<CommandVerdict> {
  const { directory } = command;
  for (const file of await reportFiles(command)) await rm(file, { force: true });
  io.progress(`$ ${command.run}`);
  const ran = await runCommand(
    {
      file: '/bin/sh',
      arguments: ['-c', command.run],
      cwd: directory,
      environment: { ...command.environment, CI: 'true' },
      seconds: command.seconds,
      maxBytes: 8 * 1024 * 1024,
    },
    io,
  );
  const files = await reportFiles(command);
  const reports = await Promise.all(
    files.map(async (file) => ({ name: path.relative(directory, file), text: await readFile(file, 'utf8') })),
  );
  const verdict = judge({ output: ran.output, exitCode: ran.exitCode, timedOut: ran.timedOut, reports });
  const kept = await keep(command, ran.output, reports);
  const shown = {
    name: command.name,
    excerpt: '',
    files: kept,
    fingerprint: '',
    findings: [],
    tests: countsOf(verdict),
  };
  if (verdict.class === 'pass') return passed(command, verdict, shown);
  return {
    ...shown,
    result: verdict.class === 'no_tests' || ran.exitCode === MISSING_TOOL ? 'not_run' : 'failed',
    examined: shown.tests?.total ?? 0,
    why: `${command.name}: ${oneLine(verdict.why)}`,
    failureClass: verdict.class,
    fingerprint: verdict.fingerprint,
    findings: verdict.failures.map((failure) => finding(command.name, failure)),
    excerpt: tail(ran.output, 4000),
  };
}

function passed(
  command: GateCommand,
  verdict: Judgement,
  shown: Pick<CommandVerdict, 'name' | 'excerpt' | 'files' | 'fingerprint' | 'findings' | 'tests'>,
): CommandVerdict {
  const ranNothing = command.reports.length > 0 && (verdict.passed ?? 0) === 0;
  if (ranNothing)
    return {
      ...shown,
      result: 'not_run',
      examined: 0,
      why: `${command.name}: the command succeeded but its report shows no test`,
      failureClass: 'no_tests',
      fingerprint: 'no_tests',
    };
  return { ...shown, result: 'passed', examined: verdict.passed ?? 1, why: '', failureClass: null };
}

function countsOf({ passed: green, failed, total }: Judgement): TestCounts | null {
  return green === null || failed === null || total === null ? null : { passed: green, failed, total };
}

function finding(name: string, failure: Judgement['failures'][number]): Finding {
  return {
    id: `${name}:${failure.id}`.slice(0, 300),
    severity: 'high',
    where: failure.where,
    title: oneLine(failure.id),
    evidence: head(failure.message, 1000),
  };
}

async function reportFiles({ directory, reports }: GateCommand): Promise<readonly string[]> {
  const files: string[] = [];
  for (const pattern of reports)
    for await (const file of glob(pattern, { cwd: directory })) files.push(path.join(directory, file));
  return files.filter((file) => file.startsWith(directory + path.sep)).toSorted();
}

async function keep(
  command: GateCommand,
  output: string,
  reports: readonly { name: string; text: string }[],
): Promise<readonly string[]> {
  const base = command.name.replace(/[^A-Za-z0-9._-]+/g, '-');
  await mkdir(command.keep, { recursive: true });
  const log = path.join(command.keep, `${base}.log`);
  await writeFile(log, output);
  const copies = reports.map(async ({ name, text }) => {
    const file = path.join(command.keep, `${base}-${path.basename(name)}`);
    await writeFile(file, text);
    return file;
  });
  return [log, ...(await Promise.all(copies))];
}
