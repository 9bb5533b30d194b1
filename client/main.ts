#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { enableCompileCache } from 'node:module';
import { Command, CommanderError, Option } from 'commander';
import { ANSWER, withAnswerOptions } from './answer-command.ts';
import { EXIT, explainError } from './errors.ts';

enableCompileCache();

type Verb = (options: Record<string, never>, ...words: string[]) => Promise<number>;
type Load = () => Promise<{ readonly verb: Verb }>;

const version = (): string => {
  const manifest: { version: string } = JSON.parse(
    readFileSync(
      new URL(import.meta.url.endsWith('.ts') ? '../package.json' : '../../package.json', import.meta.url),
      'utf8',
    ),
  );
  return manifest.version;
};

const program = new Command('spec-to-pr')
  .description('A feature spec goes in, tested pull requests come out.')
  .version(version(), '-V, --version')
  .exitOverride()
  .configureHelp({ sortSubcommands: false })
  .addHelpText(
    'after',
    '\nExit codes: 0 done, 1 ended without success, 2 usage or invalid input, 3 waiting for a person.',
  );

process.stdout.on('error', (error: NodeJS.ErrnoException) =>
  process.exit(error.code === 'EPIPE' ? EXIT.done : EXIT.unsuccessful),
);

let exitCode: number = EXIT.done;

/** Declares a verb; its code is loaded only when it is used. */
function verb(signature: string, description: string, load: () => Promise<object>): Command {
  const command = program.command(signature).description(description).exitOverride();
  command.option('--json', 'print JSON on standard output, everything else on standard error');
  return command.action(async (...given: (string | undefined)[]) => {
    const words = given.slice(0, -2).map((word) => word ?? '');
    const module = (await load()) as Awaited<ReturnType<Load>>;
    exitCode = await module.verb(command.opts(), ...words);
  });
}

const workId = (): Option => new Option('--work-id <id>', 'the work id, instead of the argument');
const project = (): Option =>
  new Option('--project <file>', 'the project file (default: spec-to-pr.yaml here or in a folder above)');
const example = (text: string): string => `\nExample:\n  ${text}`;

verb(
  'run',
  'deliver a spec: start the run, or attach to the one that is live, and follow it',
  () => import('./verbs/run.ts'),
)
  .option('--file <path>', 'the spec, a Markdown file')
  .option('--inline <text>', 'the spec as text')
  .option('--stdin', 'read the spec from standard input')
  .addOption(workId())
  .addOption(project())
  .option('--agent <name>', 'use this agent instead of the project’s')
  .option('--detach', 'start and return')
  .option('--dry-run', 'show what would happen, and do nothing')
  .option('--new-run', 'start anew although this work id is finished')
  .addHelpText('after', example('spec-to-pr run --file gift-cards.md'));

verb('status [id]', 'show a run as it stands', () => import('./verbs/status.ts'))
  .addOption(workId())
  .addHelpText('after', example('spec-to-pr status SPEC-3fa9c1'));
verb('list', 'list the runs', () => import('./verbs/list.ts'))
  .option('--limit <n>', 'how many', '50')
  .addHelpText('after', example('spec-to-pr list --json'));
verb('watch [id]', 'follow a run to its end', () => import('./verbs/watch.ts'))
  .addOption(workId())
  .addHelpText('after', example('spec-to-pr watch SPEC-3fa9c1'));
verb(
  'resume [id]',
  'attach to a live run; ask for the decision where it waits for one',
  () => import('./verbs/resume.ts'),
)
  .addOption(workId())
  .addHelpText('after', example('spec-to-pr resume SPEC-3fa9c1'));
withAnswerOptions(
  verb(
    ANSWER,
    'decide on a run that waits: retry, accept_draft, replan, take_over, resume or abort',
    () => import('./verbs/answer.ts'),
  ).addOption(workId()),
).addHelpText('after', example('spec-to-pr answer SPEC-3fa9c1 retry --guidance "prices are in cents"'));
verb('cancel [id]', 'stop a run and take back what it published', () => import('./verbs/cancel.ts'))
  .addOption(workId())
  .addHelpText('after', example('spec-to-pr cancel SPEC-3fa9c1'));
verb('logs [id]', 'show the agents’ transcripts', () => import('./verbs/logs.ts'))
  .addOption(workId())
  .option('-f, --follow', 'go on until the run ends')
  .addHelpText('after', example('spec-to-pr logs -f SPEC-3fa9c1'));
verb(
  'up',
  'start the embedded Temporal server and a worker, unless they run',
  () => import('./verbs/up.ts'),
).addHelpText('after', example('spec-to-pr up'));
verb(
  'down',
  'end the worker and the embedded server; runs go on after the next start',
  () => import('./verbs/down.ts'),
).addHelpText('after', example('spec-to-pr down'));
verb('worker', 'run a worker here, in the foreground', () => import('./verbs/worker.ts')).addHelpText(
  'after',
  example('TEMPORAL_ADDRESS=temporal:7233 spec-to-pr worker'),
);
verb('validate', 'check a spec and a project file as a run would', () => import('./verbs/validate.ts'))
  .option('--file <path>', 'the spec')
  .addOption(project())
  .addHelpText('after', example('spec-to-pr validate --file gift-cards.md'));
verb(
  'personas [action]',
  'list the personas that roles can be played by, or check their files',
  () => import('./verbs/personas.ts'),
)
  .addOption(project())
  .option('--folder <path>', 'look into this folder, not into the project’s repositories')
  .addHelpText('after', example('spec-to-pr personas check'));
verb('judge [folder]', 'show how the output of a test run is read', () => import('./verbs/judge.ts')).addHelpText(
  'after',
  '\nThe folder holds stdout.txt (standard output and error together), exit_code and, if there is one, report.xml (JUnit),\n' +
    'report.json or report.jsonl (Playwright, pytest, go test), or report.tap.\n' +
    example('npm test > run/stdout.txt 2>&1; echo $? > run/exit_code; spec-to-pr judge run'),
);
verb(
  'env <action> [name]',
  'environments without a run: list, provision, deploy, extend, status, logs, exec, e2e, destroy',
  () => import('./verbs/env.ts'),
)
  .addOption(project())
  .option('--ttl <time>', 'how long it is held without a sign of its users, e.g. 2h (default: 4h)')
  .option('--at <repository=ref...>', 'a branch, tag or commit of a repository (default: its base branch)')
  .option('--since <time>', 'logs: from so long ago on, e.g. 10m, or from a date on (default: the end of each log)')
  .option('--service <name>', 'exec: the service to run in')
  .option('--run <command>', 'exec: the command line')
  .addHelpText('after', example('spec-to-pr env deploy demo --at api=my-branch; spec-to-pr env destroy demo'));
verb(
  'doctor',
  'say what works on this machine and how to mend the rest; changes nothing',
  () => import('./verbs/doctor.ts'),
)
  .addOption(project())
  .addHelpText('after', example('spec-to-pr doctor'));

try {
  if (process.argv.length <= 2) program.outputHelp();
  else await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) exitCode = error.exitCode === 0 ? EXIT.done : EXIT.usage;
  else {
    const explained = explainError(error);
    process.stderr.write(`${explained.message}\n`);
    if (process.env['SPEC_TO_PR_DEBUG'] && error instanceof Error) process.stderr.write(`${error.stack}\n`);
    exitCode = explained.exitCode;
  }
}
process.exitCode = exitCode;
