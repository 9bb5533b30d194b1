import type { GateResult } from '../domain/gate.ts';
import type { Repository } from '../domain/project.ts';
import { commandEnvironment, conclude, keepFolder, openCandidate, setUpRepository, settings } from './candidate.ts';
import type { Candidate } from './candidate.ts';
import { runGateCommand } from './gates/command.ts';
import type { CommandVerdict } from './gates/command.ts';
import { hostFailed } from './host-fault.ts';
import type { Io } from './io.ts';
import type { Ports } from './ports.ts';

/**
 * Runs every repository's own checks on the candidate: repositories side by side, the checks of one in order, all of them. A fault
 * of the host is a gate that did not run.
 */
export async function checks(ports: Ports, candidate: Candidate, io: Io): Promise<GateResult> {
  const { commits } = candidate;
  return judgeAll(ports, candidate, io).catch((error: unknown) =>
    hostFailed(ports, { gate: 'checks', commits }, error),
  );
}

async function judgeAll(ports: Ports, candidate: Candidate, io: Io): Promise<GateResult> {
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
  const problem = await setUpRepository(ports, { candidate, repository, directory }, io);
  if (problem !== undefined) return [problem];
  const verdicts: CommandVerdict[] = [];
  const place = {
    directory,
    environment: commandEnvironment(ports, candidate.key),
    seconds: candidate.limits.checkSeconds,
    redact: ports.redact,
    keep: keepFolder(ports, candidate, 'checks'),
  };
  for (const { name, run, reports } of repository.checks)
    verdicts.push(await runGateCommand({ ...place, name: `${repository.key}:${name}`, run, reports }, io));
  return verdicts;
}
