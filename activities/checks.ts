import type { GateResult } from '../domain/gate.ts';
import type { Repository } from '../domain/project.ts';
import { commandEnvironment, conclude, keepFolder, openCandidate, settings } from './candidate.ts';
import type { Candidate } from './candidate.ts';
import { runGateCommand } from './gates/command.ts';
import type { CommandVerdict } from './gates/command.ts';
import type { Io } from './io.ts';
import type { Ports } from './ports.ts';
import { setUp } from './setup.ts';

/** Runs every repository's own checks on the candidate: repositories side by side, the checks of one in order, all of them. */
export async function checks(ports: Ports, candidate: Candidate, io: Io): Promise<GateResult> {
  const started = Date.now();
  const directories = await openCandidate(ports, candidate, io);
  const verdicts = await Promise.all(
    settings(candidate).map((repository) =>
      checkRepository({ ports, candidate, directory: directories[repository.key] ?? '' }, repository, io),
    ),
  );
  return conclude(ports, candidate, { gate: 'checks', verdicts: verdicts.flat(), started });
}

interface Place {
  readonly ports: Ports;
  readonly candidate: Candidate;
  readonly directory: string;
}

async function checkRepository(
  { ports, candidate, directory }: Place,
  repository: Repository,
  io: Io,
): Promise<readonly CommandVerdict[]> {
  const environment = commandEnvironment(ports, candidate.key);
  const seconds = candidate.limits.checkSeconds;
  const { redact } = ports;
  const problem = await setUp(
    { repository: repository.key, directory, commands: repository.setup, environment, seconds, redact },
    io,
  );
  if (problem !== undefined) return [problem];
  const verdicts: CommandVerdict[] = [];
  for (const { name, run, reports } of repository.checks)
    verdicts.push(
      await runGateCommand(
        {
          name: `${repository.key}:${name}`,
          run,
          reports,
          directory,
          environment,
          seconds,
          redact,
          keep: keepFolder(ports, candidate, 'checks'),
        },
        io,
      ),
    );
  return verdicts;
}
