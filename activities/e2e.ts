import path from 'node:path';
import type { EnvironmentChoice, EnvironmentState } from '../domain/environment.ts';
import type { GateResult } from '../domain/gate.ts';
import type { LeaseUse } from '../domain/lease.ts';
import type { EndToEnd } from '../domain/project.ts';
import { oneLine, tail } from '../domain/text.ts';
import { commandEnvironment, conclude, keepFolder, openCandidate } from './candidate.ts';
import type { Candidate } from './candidate.ts';
import { sickVerdict } from './deploy-verdict.ts';
import type { Deployment, EnvironmentProvider, Suite, SuiteOrder } from './environments/index.ts';
import { runGateCommand } from './gates/command.ts';
import type { CommandVerdict } from './gates/command.ts';
import { confirm } from './gates/rerun.ts';
import type { Io } from './io.ts';
import { whileHeld } from './leased-gate.ts';
import type { Ports } from './ports.ts';
import { keepLogs, serviceLogs } from './service-logs.ts';

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
  const lost = async (result: GateResult): Promise<GateResult> => result;
  return whileHeld(ports, { candidate: input, io, lost }, (held) => judgeDeployed(ports, input, held));
}

async function judgeDeployed(ports: Ports, input: E2eInput, io: Io): Promise<GateResult> {
  const started = Date.now();
  const { e2e: suite, environment, deployment } = input;
  if (suite === undefined) throw new TypeError('the project has no end-to-end suite');
  const directories = await openCandidate(ports, input, io);
  const sick = await sickness(ports.environment(environment), input, io);
  const verdict =
    sick === undefined
      ? await runSuite(ports, { input, suite, directory: directories[suite.repository] ?? '' }, io)
      : { ...sickVerdict(ports.redact(sick)), files: [] };
  const logs = await serviceLogs(ports, { environment, name: deployment.name }, io);
  const withLogs = {
    ...enough(verdict, suite),
    files: [...verdict.files, ...(await keepLogs(keepFolder(ports, input, 'e2e'), logs))],
    excerpt: verdict.result === 'passed' || sick !== undefined ? '' : excerpt(verdict.excerpt, logs),
  };
  return conclude(ports, input, { gate: 'e2e', verdicts: [withLogs], started });
}

interface SuiteRun {
  readonly input: E2eInput;
  readonly suite: EndToEnd;
  /** Worktree that holds the suite. */
  readonly directory: string;
}

/** Runs the suite, and again when it is red, as often as the project allows. */
async function runSuite(ports: Ports, { input, suite, directory }: SuiteRun, io: Io): Promise<CommandVerdict> {
  const { criteria = [], deployment, limits, commits } = input;
  const { repository, reports, reruns } = suite;
  const order = { name: deployment.name, repository, commit: commits[repository] ?? '', directory };
  const { run, environment } = await commandOf(ports.environment(input.environment), suite, order);
  const command = {
    ...{ name: `${repository}:e2e`, run, reports, directory, criteria, seconds: limits.e2eSeconds },
    environment: {
      ...commandEnvironment(ports, input.key),
      ...environment,
      ...deployment.variables,
      ACCEPTANCE_CRITERIA: criteria.join(' '),
    },
    redact: ports.redact,
  };
  const test = (keep: string): Promise<CommandVerdict> => runGateCommand({ ...command, keep }, io);
  const keep = keepFolder(ports, input, 'e2e');
  return confirm(await test(keep), { reruns, again: (round) => test(path.join(keep, `again-${round}`)) });
}

/** The project's own command line, else the provider's. */
async function commandOf(provider: EnvironmentProvider, { run }: EndToEnd, order: SuiteOrder): Promise<Suite> {
  if (run !== undefined) return { run, environment: {} };
  if (provider.suite === undefined) throw new TypeError('the project has no end-to-end command');
  return provider.suite(order);
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
  const seen = each.length === 0 ? '' : ` (${each.join('; ')})`;
  return oneLine(`the environment ${name} was ready and is ${state} now${seen}`, 500);
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
