import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { EnvironmentChoice, EnvironmentState } from '../domain/environment.ts';
import type { GateResult } from '../domain/gate.ts';
import { ownerOf } from '../domain/lease.ts';
import type { LeaseUse } from '../domain/lease.ts';
import type { EndToEnd } from '../domain/project.ts';
import { oneLine, tail } from '../domain/text.ts';
import { commandEnvironment, conclude, keepFolder, openCandidate, settings } from './candidate.ts';
import type { Candidate } from './candidate.ts';
import { deployVerdict, sickVerdict } from './deploy-verdict.ts';
import { EnvironmentFault } from './environments/errors.ts';
import type { Deployment, EnvironmentProvider } from './environments/index.ts';
import { runGateCommand } from './gates/command.ts';
import type { CommandVerdict } from './gates/command.ts';
import { confirm } from './gates/rerun.ts';
import type { Io } from './io.ts';
import type { Ports } from './ports.ts';
import { LeaseLost, underLease } from './lease.ts';
import { release } from './release.ts';
import { withoutSecrets } from './redact.ts';
import { setUp } from './setup.ts';

const MAX_LOG_BYTES = 256 * 1024;

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

/**
 * Brings the candidate up. A candidate that does not come up is a failed gate with the logs of all services; a provider that
 * fails, or runs other commits, is a gate that did not run.
 */
export async function deploy(ports: Ports, input: DeployInput, io: Io): Promise<Deployed> {
  const { environment, name } = input;
  return whileHeld(
    ports,
    {
      input,
      io,
      lost: async (result) => {
        // The lease may have erased before the last of it was up.
        await release(ports, { environment, name }, io);
        return { kind: 'failed', result };
      },
    },
    (held) => bringUp(ports, input, held),
  );
}

interface Holding<T> {
  readonly input: Candidate & { readonly lease?: LeaseUse };
  readonly io: Io;
  /** What it means that the lease was lost: a gate that did not run. */
  readonly lost: (result: GateResult) => Promise<T>;
}

async function whileHeld<T>(ports: Ports, holding: Holding<T>, work: (io: Io) => Promise<T>): Promise<T> {
  const started = Date.now();
  const { input, io, lost } = holding;
  try {
    return await underLease(ports, { lease: input.lease, io }, work);
  } catch (error) {
    const verdict = error instanceof LeaseLost ? deployVerdict(error, ports.redact) : undefined;
    if (verdict === undefined) throw error;
    return lost(await conclude(ports, input, { gate: 'e2e', verdicts: [{ ...verdict, files: [] }], started }));
  }
}

async function bringUp(ports: Ports, input: DeployInput, io: Io): Promise<Deployed> {
  const started = Date.now();
  const directories = await openCandidate(ports, input, io);
  const environment = commandEnvironment(ports, input.key);
  const gate = 'e2e';
  for (const { key, setup } of settings(input)) {
    const problem = await setUp(
      {
        repository: key,
        directory: directories[key] ?? '',
        commands: setup,
        environment,
        seconds: input.limits.checkSeconds,
        redact: ports.redact,
      },
      io,
    );
    if (problem !== undefined)
      return { kind: 'failed', result: await conclude(ports, input, { gate, verdicts: [problem], started }) };
  }
  const services = settings(input).flatMap(({ key, start, health }) =>
    start === undefined ? [] : [{ key, start, health, directory: directories[key] ?? '' }],
  );
  const provider = ports.environment(input.environment);
  const { name, commits, limits, key } = input;
  try {
    const owner = ownerOf(ports.leases.installation, key.workflowId);
    const order = { name, owner, commits, directories, services, healthSeconds: limits.healthSeconds };
    return { kind: 'deployed', deployment: await provider.deploy(order, io), host: ports.host() };
  } catch (error) {
    const verdict = deployVerdict(error, ports.redact);
    if (verdict === undefined) throw error;
    const files = await keepLogs(
      keepFolder(ports, input, gate),
      withoutSecrets(await logsOf(provider, name, io), ports.redact),
    );
    return {
      kind: 'failed',
      result: await conclude(ports, input, { gate, verdicts: [{ ...verdict, files }], started }),
    };
  }
}

// Logs are evidence, not the judgement: a provider that cannot give them must not hide what failed.
async function logsOf(provider: EnvironmentProvider, name: string, io: Io): Promise<Readonly<Record<string, string>>> {
  try {
    return await provider.logs(name, MAX_LOG_BYTES, io);
  } catch (error) {
    if (error instanceof EnvironmentFault) return { environment: `${error.message}\n${error.output}` };
    throw error;
  }
}

export interface E2eInput extends Candidate {
  readonly environment: EnvironmentChoice;
  readonly e2e: EndToEnd | undefined;
  readonly deployment: Deployment;
  readonly lease?: LeaseUse;
  /** Ids of the acceptance criteria: the suite may select by them, and its tests name them. */
  readonly criteria?: readonly string[];
}

/** Runs the project's end-to-end command against the deployed candidate; the services' logs are part of the evidence. */
export async function e2e(ports: Ports, input: E2eInput, io: Io): Promise<GateResult> {
  return whileHeld(ports, { input, io, lost: async (result) => result }, (held) => runSuite(ports, input, held));
}

async function runSuite(ports: Ports, input: E2eInput, io: Io): Promise<GateResult> {
  const started = Date.now();
  const { e2e: suite, deployment, criteria = [] } = input;
  if (suite === undefined) throw new TypeError('the project has no end-to-end suite');
  const directories = await openCandidate(ports, input, io);
  const keep = keepFolder(ports, input, 'e2e');
  const environment = {
    ...commandEnvironment(ports, input.key),
    ...deployment.variables,
    ACCEPTANCE_CRITERIA: criteria.join(' '),
  };
  const { repository, run, reports, reruns } = suite;
  const { redact } = ports;
  const directory = directories[repository] ?? '';
  const { e2eSeconds: seconds } = input.limits;
  const test = (folder: string): Promise<CommandVerdict> =>
    runGateCommand(
      { name: `${repository}:e2e`, run, reports, directory, environment, seconds, redact, criteria, keep: folder },
      io,
    );
  const provider = ports.environment(input.environment);
  const sick = await sickness(provider, input, io);
  if (sick !== undefined) {
    const files = await keepLogs(keep, withoutSecrets(await logsOf(provider, deployment.name, io), redact));
    return conclude(ports, input, { gate: 'e2e', verdicts: [{ ...sickVerdict(redact(sick)), files }], started });
  }
  const again = (round: number): Promise<CommandVerdict> => test(path.join(keep, `again-${round}`));
  const verdict = await confirm(await test(keep), { reruns, again });
  const logs = withoutSecrets(await logsOf(provider, deployment.name, io), redact);
  const withLogs = {
    ...enough(verdict, suite),
    files: [...verdict.files, ...(await keepLogs(keep, logs))],
    excerpt: verdict.result === 'passed' ? '' : excerpt(verdict.excerpt, logs),
  };
  return conclude(ports, input, { gate: 'e2e', verdicts: [withLogs], started });
}

// What a provider cannot tell on this host is no sickness.
const SICK: readonly EnvironmentState[] = ['sick', 'provisioning-failed', 'deprovisioning', 'deprovisioned'];

/** Whether the provider sees what is there, wherever it is asked. */
function sees(environment: EnvironmentChoice): boolean {
  if (environment.kind !== 'command') return environment.kind !== 'none';
  return environment.commands.status !== undefined || environment.commands.list !== undefined;
}

/** What became of the environment since it was deployed, where that was nothing good. */
async function sickness(
  provider: EnvironmentProvider,
  { environment, deployment: { name } }: E2eInput,
  io: Io,
): Promise<string | undefined> {
  const { state, services } = await provider.status(name, io);
  if (!SICK.includes(state) && (state !== 'absent' || !sees(environment))) return undefined;
  const each = Object.entries(services).map(([service, what]) => `${service}: ${what}`);
  return oneLine(`the environment ${name} was ready and is ${state} now (${each.join('; ')})`, 500);
}

function enough(verdict: CommandVerdict, { minTests }: EndToEnd): CommandVerdict {
  if (verdict.result !== 'passed' || verdict.examined >= minTests) return verdict;
  const why = `${verdict.name}: ${verdict.examined} tests ran, at least ${minTests} are required`;
  return { ...verdict, result: 'not_run', why, failureClass: 'no_tests', fingerprint: 'too_few_tests' };
}

function excerpt(output: string, logs: Readonly<Record<string, string>>): string {
  const parts = Object.entries(logs).map(([service, text]) => `== log of ${service}\n${tail(text.trim(), 500)}`);
  return [tail(output, 2000), ...parts].join('\n');
}

async function keepLogs(folder: string, logs: Readonly<Record<string, string>>): Promise<readonly string[]> {
  await mkdir(folder, { recursive: true });
  return Promise.all(
    Object.entries(logs).map(async ([service, text]) => {
      const file = path.join(folder, `${service.replace(/[^A-Za-z0-9._-]/g, '_')}.log`);
      await writeFile(file, text);
      return file;
    }),
  );
}
