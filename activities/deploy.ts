import type { EnvironmentChoice } from '../domain/environment.ts';
import type { GateResult } from '../domain/gate.ts';
import { ownerOf } from '../domain/lease.ts';
import type { LeaseUse } from '../domain/lease.ts';
import { conclude, keepFolder, openForServices, setUpRepository, settings } from './candidate.ts';
import type { Candidate } from './candidate.ts';
import { deployVerdict } from './deploy-verdict.ts';
import { EnvironmentFault } from './environments/errors.ts';
import type { DeployRequest, Deployment } from './environments/index.ts';
import { runsAll } from './environments/readiness.ts';
import type { CommandVerdict } from './gates/command.ts';
import type { Io } from './io.ts';
import { whileHeld } from './leased-gate.ts';
import type { Ports } from './ports.ts';
import { release } from './release.ts';
import { keepLogs, serviceLogs } from './service-logs.ts';

export interface DeployInput extends Candidate {
  /** The provider and its settings. */
  readonly environment: EnvironmentChoice;
  /** Environment's name: the same gives the same environment. */
  readonly name: string;
  /** The lease that it is brought up under. */
  readonly lease?: LeaseUse;
}

export type Deployed =
  | {
      readonly kind: 'deployed';
      readonly deployment: Deployment;
      /** Where it was brought up. */
      readonly host: string;
    }
  | { readonly kind: 'failed'; readonly result: GateResult };

type Directories = Readonly<Record<string, string>>;

/**
 * Brings the candidate up. A candidate that does not come up is a failed gate with the logs of all services; a provider that
 * fails, or runs other commits, is a gate that did not run.
 */
export async function deploy(ports: Ports, input: DeployInput, io: Io): Promise<Deployed> {
  const { environment, name } = input;
  const failed = async (result: GateResult): Promise<Deployed> => ({ kind: 'failed', result });
  const lost = async (result: GateResult): Promise<Deployed> => {
    // The lease may have erased before the last of it was up.
    await release(ports, { environment, name, ofThisHost: true }, io);
    return failed(result);
  };
  return whileHeld(ports, { candidate: input, io, lost, failed }, (held) => bringUp(ports, input, held));
}

async function bringUp(ports: Ports, input: DeployInput, io: Io): Promise<Deployed> {
  const started = Date.now();
  const failed = async (verdict: CommandVerdict): Promise<Deployed> => ({
    kind: 'failed',
    result: await conclude(ports, input, { gate: 'e2e', verdicts: [verdict], started }),
  });
  const directories = await openForServices(ports, { ...input, isUp: await isUp(ports, input, io) }, io);
  for (const repository of settings(input)) {
    const directory = directories[repository.key] ?? '';
    const problem = await setUpRepository(ports, { candidate: input, repository, directory }, io);
    if (problem !== undefined) return failed(problem);
  }
  const since = { at: Date.now() };
  try {
    const deployment = await ports.environment(input.environment).deploy(requestOf(ports, input, directories), io);
    return { kind: 'deployed', deployment, host: ports.host() };
  } catch (error) {
    const verdict = deployVerdict(error, ports.redact);
    if (verdict === undefined) throw error;
    return failed({
      ...verdict,
      files: await keepLogs(keepFolder(ports, input, 'e2e'), await serviceLogs(ports, { ...input, since }, io)),
    });
  }
}

/** Whether the environment runs these commits already; one that cannot be asked is made anew. */
async function isUp(ports: Ports, { environment, name, commits }: DeployInput, io: Io): Promise<boolean> {
  try {
    const seen = await ports.environment(environment).status(name, io);
    return seen.state === 'ready' && runsAll(commits, seen.commits);
  } catch (error) {
    if (!(error instanceof EnvironmentFault)) throw error;
    return false;
  }
}

function requestOf(ports: Ports, input: DeployInput, directories: Directories): DeployRequest {
  const { name, commits, limits, key } = input;
  const services = settings(input).flatMap(({ key, start, health }) =>
    start === undefined ? [] : [{ key, start, health, directory: directories[key] ?? '' }],
  );
  const owner = ownerOf(ports.leases.installation, key.workflowId);
  return { name, owner, commits, directories, services, healthSeconds: limits.healthSeconds };
}
