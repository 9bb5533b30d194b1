import { createHash } from 'node:crypto';
import type { EnvironmentChoice, EnvironmentState } from '../domain/environment.ts';
import { essence } from '../domain/fingerprint.ts';
import type { Finding } from '../domain/gate.ts';
import { oneLine, tail } from '../domain/text.ts';
import { deployVerdict, sickVerdict } from './deploy-verdict.ts';
import { DeployStale, EnvironmentFault } from './environments/errors.ts';
import type { Deployment, EnvironmentStatus } from './environments/index.ts';
import { expectCommits } from './environments/readiness.ts';
import type { CommandVerdict } from './gates/command.ts';
import type { Io } from './io.ts';
import type { Ports } from './ports.ts';

interface Deployed {
  readonly environment: EnvironmentChoice;
  readonly deployment: Deployment;
}

// What a provider cannot tell on this host is no sickness.
const SICK: readonly EnvironmentState[] = ['sick', 'provisioning-failed', 'deprovisioning', 'deprovisioned'];
/** What a service that is well says of itself. */
const WELL = ['healthy', 'running', 'ready', 'done'];

/** The verdict that no suite is run for: the environment is not well any more, or runs other commits. Nothing when it is fit. */
export async function unfit(ports: Ports, deployed: Deployed, io: Io): Promise<CommandVerdict | undefined> {
  const seen = await look(ports, deployed, io);
  return staleness(ports, deployed, seen) ?? sickness(ports, deployed, seen);
}

/**
 * The verdict on a suite once it is known how the environment came out of it. One that ran other commits by then has shown
 * nothing; a service that died while a suite turned red is the candidate's doing, however the tests worded it.
 */
export async function inLightOf(
  ports: Ports,
  {
    input,
    verdict,
    logs,
  }: {
    readonly input: Deployed;
    readonly verdict: CommandVerdict;
    readonly logs: Readonly<Record<string, string>>;
  },
  io: Io,
): Promise<CommandVerdict> {
  const seen = await look(ports, input, io).catch(unlessFault);
  if (seen === undefined) return verdict;
  const stale = staleness(ports, input, seen);
  if (stale !== undefined) return { ...stale, files: verdict.files };
  const failed = verdict.failureClass === 'test_failure' || verdict.failureClass === 'infra';
  const dead = seen.state === 'sick' ? Object.entries(seen.services).filter(([, what]) => !WELL.includes(what)) : [];
  if (!failed || dead.length === 0) return verdict;
  const findings = dead.map(([service, what]) => died(service, { what: ports.redact(what), log: logs[service] ?? '' }));
  const why = `${findings.map(({ title }) => title).join('; ')}, while the tests ran`;
  if (verdict.failureClass === 'test_failure')
    return { ...verdict, why: `${verdict.why}; ${oneLine(why, 200)}`, findings: [...findings, ...verdict.findings] };
  const essential = findings.map(({ id, evidence }) => `${id}:${essence(evidence)}`).join('\n');
  return {
    ...verdict,
    result: 'failed',
    examined: verdict.tests === null ? 0 : verdict.tests.passed + verdict.tests.failed,
    failureClass: 'test_failure',
    fingerprint: createHash('sha256').update(essential).digest('hex').slice(0, 32),
    why: oneLine(why, 300),
    findings: [...findings, ...verdict.findings],
  };
}

// The suite has run: that nobody can tell how the environment is now takes nothing away from it.
function unlessFault(error: unknown): undefined {
  if (!(error instanceof EnvironmentFault)) throw error;
}

async function look(ports: Ports, { environment, deployment }: Deployed, io: Io): Promise<EnvironmentStatus> {
  return ports.environment(environment).status(deployment.name, io);
}

function staleness(ports: Ports, { deployment }: Deployed, seen: EnvironmentStatus): CommandVerdict | undefined {
  try {
    expectCommits({ where: `the environment ${deployment.name}`, wanted: deployment.commits, runs: seen.commits });
    return undefined;
  } catch (error) {
    const verdict = error instanceof DeployStale ? deployVerdict(error, ports.redact) : undefined;
    if (verdict === undefined) throw error;
    return { ...verdict, files: [] };
  }
}

/** Whether the provider sees what is there, wherever it is asked. */
function sees(environment: EnvironmentChoice): boolean {
  if (environment.kind !== 'command') return environment.kind !== 'none';
  return environment.commands.status !== undefined || environment.commands.list !== undefined;
}

/** What became of the environment since it was deployed, where that was nothing good. */
function sickness(
  { redact }: Ports,
  { environment, deployment: { name } }: Deployed,
  { state, services }: EnvironmentStatus,
): CommandVerdict | undefined {
  if (!SICK.includes(state) && (state !== 'absent' || !sees(environment))) return undefined;
  const each = Object.entries(services).map(([service, what]) => `${service}: ${what}`);
  const seen = each.length === 0 ? '' : ` (${each.join('; ')})`;
  const why = oneLine(`the environment ${name} was ready and is ${state} now${seen}`, 500);
  return { ...sickVerdict(redact(why)), files: [] };
}

function died(service: string, { what, log }: { readonly what: string; readonly log: string }): Finding {
  const title = `the service ${service} is not well any more (${oneLine(what, 100)})`;
  return { id: `${service}:service`, severity: 'critical', where: service, title, evidence: tail(log.trim(), 1000) };
}
