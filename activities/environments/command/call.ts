import { existsSync } from 'node:fs';
import path from 'node:path';
import type { CommandSettings, CommandVerb } from '../../../domain/environment.ts';
import type { InfraCause } from '../../../formats/causes.ts';
import { readReport } from '../../../formats/environment-report.ts';
import type { EnvironmentReport, Read } from '../../../formats/environment-report.ts';
import type { Io } from '../../io.ts';
import type { CommandResult } from '../../process/run-command.ts';
import { EngineMissing, EnvironmentFault, ProviderOutputInvalid, faultOf, hostFaultOf } from '../errors.ts';
import type { EnvironmentConfig, Suite, SuiteOrder } from '../index.ts';
import type { Note } from '../notes.ts';
import { callFile, noteFolder } from '../notes.ts';
import { callShell, lastLine, namedVariables } from '../tool.ts';
import { requestVariables } from '../variables.ts';

/** What every call of the user's commands needs. */
export interface Commands {
  readonly settings: CommandSettings;
  readonly config: EnvironmentConfig;
  /** Folder of the notes. */
  readonly root: string;
}

export interface VerbCall {
  readonly verb: CommandVerb;
  readonly name: string;
  readonly note: Note | undefined;
  readonly seconds: number;
  /** Variables of this verb alone. */
  readonly more?: Readonly<Record<string, string>>;
}

const CHANGING: readonly CommandVerb[] = ['provision', 'deploy', 'resync', 'swap_branch', 'destroy'];

/** Runs the command of a verb; any exit code is a value. Throws EngineMissing when the project file has none for it. */
export function runVerb({ settings, config, root }: Commands, call: VerbCall, io: Io): Promise<CommandResult> {
  const { verb, name, note } = call;
  const run = settings.commands[verb];
  if (run === undefined) throw new EngineMissing(`"environment.commands" has no "${verb}"`);
  return callShell(
    {
      what: `"${verb}"`,
      run,
      directory: folderOf(settings, note),
      seconds: Math.max(1, call.seconds),
      ...(CHANGING.includes(verb) ? { noteIn: callFile(root, name) } : {}),
      environment: variablesOf({ settings, config, root }, call),
    },
    io,
  );
}

function variablesOf(
  { settings, config, root }: Commands,
  { verb, name, note, more }: Omit<VerbCall, 'seconds'>,
): Readonly<Record<string, string>> {
  return {
    ...config.environment,
    HOME: path.join(noteFolder(root, name), 'home'),
    ...namedVariables(settings.env, config.secret),
    ...requestVariables(note ?? { name, owner: '', commits: {}, directories: {} }),
    ENVIRONMENT_VERB: verb,
    ...more,
  };
}

/** The command of the verb `e2e`, run where the other commands are. Throws EngineMissing when the project file has none. */
export function suiteOf(commands: Commands, order: SuiteOrder, note: Note | undefined): Suite {
  const { name, repository, commit, directory } = order;
  const run = commands.settings.commands.e2e;
  if (run === undefined) throw new EngineMissing('"environment.commands" has no "e2e"');
  const more = {
    ...{ E2E_REPO: repository, E2E_REF: commit, E2E_DIR: directory },
    ENVIRONMENT_FOLDER: folderOf(commands.settings, note),
  };
  const environment = variablesOf(commands, { verb: 'e2e', name, note, more });
  return { run: `cd "$ENVIRONMENT_FOLDER" || exit 126\n${run}`, environment };
}

// A worktree may be gone when an environment is destroyed: what needs no more than the name still works then.
function folderOf({ repository, directory }: CommandSettings, note: Note | undefined): string {
  const worktree = repository === undefined ? undefined : note?.directories[repository];
  return worktree !== undefined && existsSync(worktree) ? worktree : directory;
}

/** `runVerb` for a verb that has to succeed whatever the candidate is. Throws EnvironmentFault for any exit code but 0. */
export async function demandVerb(commands: Commands, call: VerbCall, io: Io): Promise<CommandResult> {
  const result = await runVerb(commands, call, io);
  if (result.exitCode === 0) return result;
  const fault = hostFault(result) ?? faultOf(result.output) ?? 'provider';
  throw new EnvironmentFault(fault, endOf(call.verb, result, fault), result.output);
}

/** `"deploy" ended with exit code 3: <line>`: the first line that names the fault, else the last. */
export function endOf(verb: CommandVerb, { exitCode, output }: CommandResult, fault?: InfraCause): string {
  const how = exitCode === null ? 'was killed' : `ended with exit code ${exitCode}`;
  const lines = fault === undefined ? [] : output.slice(-MAX_SAID).split('\n');
  const said = lastLine(lines.find((line) => faultOf(line) === fault) ?? output).trim();
  return `"${verb}" ${how}${said === '' ? '' : `: ${said}`}`;
}

const MAX_SAID = 20_000;
const UNAVAILABLE = [69, 75];
const NOT_RUN = [126, 127];
/** What of the host or the provider a failed command blames: by its exit code (69, 75, 126, 127), else by what it printed. */
export function hostFault({ exitCode, output }: CommandResult): InfraCause | undefined {
  if (exitCode !== null && NOT_RUN.includes(exitCode)) return 'tool';
  if (exitCode !== null && UNAVAILABLE.includes(exitCode)) return faultOf(output) ?? 'provider';
  return hostFaultOf(output);
}

/** What a command printed, as the contract reads it. Throws ProviderOutputInvalid. */
export function reportOf(verb: CommandVerb, result: CommandResult): EnvironmentReport {
  return expectRead(verb, result, readReport(result.stdout));
}

/** The value that was read. Throws ProviderOutputInvalid for a problem. */
export function expectRead<T>(verb: CommandVerb, { output }: CommandResult, read: Read<T>): T {
  if ('problem' in read) throw new ProviderOutputInvalid(`"${verb}"`, read.problem, output);
  return read.value;
}
