import path from 'node:path';
import type { EnvironmentChoice } from '../domain/environment.ts';
import type { GateResult } from '../domain/gate.ts';
import type { LeaseUse } from '../domain/lease.ts';
import type { EndToEnd } from '../domain/project.ts';
import { tail } from '../domain/text.ts';
import { commandEnvironment, conclude, keepFolder, openForSuite, setUpRepository, settings } from './candidate.ts';
import type { Candidate } from './candidate.ts';
import { inLightOf, unfit } from './condition.ts';
import type { Deployment, EnvironmentProvider, Suite, SuiteOrder } from './environments/index.ts';
import { runGateCommand } from './gates/command.ts';
import type { CommandVerdict } from './gates/command.ts';
import { confirm } from './gates/rerun.ts';
import type { Io } from './io.ts';
import { whileHeld } from './leased-gate.ts';
import type { Ports } from './ports.ts';
import { keepLogs, markLogs, serviceLogs } from './service-logs.ts';

export interface E2eInput extends Candidate {
  readonly environment: EnvironmentChoice;
  readonly e2e: EndToEnd | undefined;
  readonly deployment: Deployment;
  readonly lease?: LeaseUse;
  /** Ids of the acceptance criteria: the suite may select by them, and its tests name them. */
  readonly criteria?: readonly string[];
}

/** Runs the project's end-to-end command against the deployed candidate; what the services wrote meanwhile is part of the evidence. */
export async function e2e(ports: Ports, input: E2eInput, io: Io): Promise<GateResult> {
  const lost = async (result: GateResult): Promise<GateResult> => result;
  return whileHeld(ports, { candidate: input, io, lost }, (held) => judgeDeployed(ports, input, held));
}

async function judgeDeployed(ports: Ports, input: E2eInput, io: Io): Promise<GateResult> {
  const started = Date.now();
  const { e2e: suite } = input;
  if (suite === undefined) throw new TypeError('the project has no end-to-end suite');
  const before = await unfit(ports, input, io);
  const ran = before === undefined ? await runSuite(ports, { input, suite }, io) : { verdict: before, rounds: [] };
  const { rounds } = ran.rounds.length > 0 ? ran : await endOfLogs(ports, input, io);
  const [first = {}, last = first] = [rounds[0]?.logs, rounds.at(-1)?.logs];
  const verdict = before ?? (await inLightOf(ports, { input, verdict: enough(ran.verdict, suite), logs: last }, io));
  const withLogs = {
    ...verdict,
    files: [...verdict.files, ...rounds.flatMap(({ files }) => files)],
    excerpt: verdict.result === 'passed' || before !== undefined ? '' : excerpt(verdict.excerpt, first),
  };
  return conclude(ports, input, { gate: 'e2e', verdicts: [withLogs], started });
}

/** What services wrote while the suite ran once, and the files that hold it. */
interface Round {
  readonly logs: Readonly<Record<string, string>>;
  readonly files: readonly string[];
}

interface Ran {
  readonly verdict: CommandVerdict;
  /** The first run, and those that were to tell whether it is a flake. */
  readonly rounds: readonly Round[];
}

/** In place of the window of a suite that was not run. */
async function endOfLogs(ports: Ports, input: E2eInput, io: Io): Promise<Pick<Ran, 'rounds'>> {
  const found = await serviceLogs(ports, { environment: input.environment, name: input.deployment.name }, io);
  return { rounds: [{ logs: found.logs, files: await keepLogs(keepFolder(ports, input, 'e2e'), found) }] };
}

interface SuiteRun {
  readonly input: E2eInput;
  readonly suite: EndToEnd;
}

/** Runs the suite in a worktree of its own, and again when it is red, as often as the project allows. */
async function runSuite(ports: Ports, { input, suite }: SuiteRun, io: Io): Promise<Ran> {
  const { criteria = [], deployment, limits, commits, environment: choice } = input;
  const { repository, reports, reruns } = suite;
  const directory = (await openForSuite(ports, input, io))[repository] ?? '';
  const home = settings(input).find(({ key }) => key === repository);
  const problem =
    home === undefined
      ? undefined
      : await setUpRepository(ports, { candidate: input, repository: home, directory }, io);
  if (problem !== undefined) return { verdict: problem, rounds: [] };
  const order = { name: deployment.name, repository, commit: commits[repository] ?? '', directory };
  const { run, environment } = await commandOf(ports.environment(choice), suite, order);
  const command = {
    ...{ name: `${repository}:e2e`, run, reports, directory, criteria, seconds: limits.e2eSeconds },
    environment: {
      ...commandEnvironment(ports, input.key),
      ...environment,
      ...deployment.variables,
      ACCEPTANCE_CRITERIA: criteria.join(' '),
    },
    redact: ports.redact,
    tested: Object.values(deployment.addresses).flatMap((url) => (URL.canParse(url) ? [new URL(url).host] : [])),
  };
  const rounds: Round[] = [];
  // What services write during a rerun is of the rerun: the logs of a run are read before the next.
  const test = async (keep: string): Promise<CommandVerdict> => {
    const wish = { environment: choice, name: deployment.name };
    const since = await markLogs(ports, wish);
    const verdict = await runGateCommand({ ...command, keep }, io);
    const found = await serviceLogs(ports, { ...wish, since }, io);
    rounds.push({ logs: found.logs, files: await keepLogs(keep, found, verdict.files) });
    return verdict;
  };
  const keep = keepFolder(ports, input, 'e2e');
  const again = (round: number): Promise<CommandVerdict> => test(path.join(keep, `again-${round}`));
  return { verdict: await confirm(await test(keep), { reruns, again }), rounds };
}

/** The project's own command line, else the provider's. */
async function commandOf(provider: EnvironmentProvider, { run }: EndToEnd, order: SuiteOrder): Promise<Suite> {
  if (run !== undefined) return { run, environment: {} };
  if (provider.suite === undefined) throw new TypeError('the project has no end-to-end command');
  return provider.suite(order);
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
