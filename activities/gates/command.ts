import { createHash } from 'node:crypto';
import { realpath } from 'node:fs/promises';
import { coverageOf } from '../../domain/criteria.ts';
import type { GateResult } from '../../domain/gate.ts';
import { oneLine } from '../../domain/text.ts';
import { judge } from '../../formats/judge.ts';
import type { Io } from '../io.ts';
import { keepAttachments } from './attachments.ts';
import { keepEvidence, readReports, removeReports } from './reports.ts';
import { withoutSecrets } from '../redact.ts';
import { runToEnd } from './run.ts';
import { withoutFolders } from './text.ts';
import { verdictOn } from './verdict.ts';

export interface GateCommand {
  /** `<repository>:<check>`: prefix of the findings' ids. */
  readonly name: string;
  readonly run: string;
  /** Report files: paths or globs below `directory`. */
  readonly reports: readonly string[];
  readonly directory: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly seconds: number;
  /** Ids of acceptance criteria that tests may name. */
  readonly criteria?: readonly string[];
  /** As of a `TestRun`. */
  readonly tested?: readonly string[];
  /** Folder for the full output and the reports; no other command runs at the same time with this folder and name. */
  readonly keep: string;
  /** Takes secrets out of what the command printed and reported, before anything of it is judged, cut or kept. */
  redact(text: string): string;
}

type Judged = 'result' | 'examined' | 'tests' | 'why' | 'failureClass' | 'fingerprint' | 'findings' | 'excerpt';

/** What one command of a gate showed. The excerpt is empty when it passed. */
export interface CommandVerdict extends Pick<GateResult, Judged | 'flakes' | 'criteria'> {
  readonly name: string;
  readonly files: readonly string[];
}

/**
 * Runs one command and judges it by its exit code, output and reports. Reports left over from before are removed first.
 * No process that it started outlives it.
 */
export async function runGateCommand(command: GateCommand, io: Io): Promise<CommandVerdict> {
  const { name, directory } = command;
  await removeReports(command);
  io.progress(`$ ${oneLine(command.run)}`);
  const ran = await runToEnd({ ...command, marker: markerOf(command) }, io);
  const printed = command.redact(ran.output);
  const written = (await readReports(command)).map((report) => ({ ...report, text: command.redact(report.text) }));
  const evidence = await keepEvidence(command, printed, written);
  const relative = withoutFolders([directory, await realpath(directory)]);
  const output = relative(printed);
  const reports = written.map((report) => ({ ...report, text: relative(report.text) }));
  // Reports are judged as their format reads them: a secret can show there that was spelt otherwise in the file.
  const judged = judge({
    ...{ output, exitCode: ran.exitCode, timedOut: ran.timedOut, reports },
    tested: command.tested ?? [],
  });
  const { cases, ...told } = judged;
  const judgement = { ...withoutSecrets(told, command.redact), cases, class: judged.class };
  for (const sentence of judgement.unread) io.progress(sentence);
  const files = [...evidence, ...(await keepAttachments(command, judged.failures))];
  const criteria = coverageOf(command.criteria ?? [], cases);
  const covered = Object.keys(criteria).length === 0 ? {} : { criteria };
  return {
    ...verdictOn({ name, expected: command.reports, found: reports.length, output, judgement }),
    ...covered,
    files,
  };
}

function markerOf({ keep, name }: GateCommand): string {
  return `gate-${createHash('sha256').update(`${keep}\0${name}`).digest('hex').slice(0, 32)}`;
}
