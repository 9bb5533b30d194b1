import type { CommandVerb } from '../../../domain/environment.ts';
import type { EnvironmentReport } from '../../../formats/environment-report.ts';
import { tail } from '../../../domain/text.ts';
import type { Io } from '../../io.ts';
import type { CommandResult } from '../../process/run-command.ts';
import { demandVerb, endOf, hostFault, reportOf, runVerb } from './call.ts';
import type { Commands } from './call.ts';
import { settle } from './look.ts';
import type { Seen } from './look.ts';
import { DeployFailed, EnvironmentFault, ProviderOutputInvalid } from '../errors.ts';
import type { DeployRequest, Deployment, ProvisionRequest } from '../index.ts';
import { noteOf, readNote, writeNote } from '../notes.ts';
import type { Note } from '../notes.ts';
import { expectCommits, runsAll, untilHealthy } from '../readiness.ts';
import { addressVariables } from '../variables.ts';

const LOG_CHARACTERS = 20_000;
const PASSING = ['provisioning', 'deprovisioning'] as const;

/** Makes the environment where it is not there, by `provision` if there is one; waits until it is in no passing state. */
export async function provision(commands: Commands, request: ProvisionRequest, io: Io): Promise<Seen> {
  const { name } = request;
  const { settings, root } = commands;
  const note = { ...(await readNote(root, name)), ...noteOf(request) };
  await writeNote(root, note);
  const deadline = Date.now() + settings.seconds * 1000;
  const call = { name, note, seconds: settings.seconds };
  const before = await settle(commands, { name, while: PASSING, deadline }, io);
  if (before.state === 'ready' || before.state === 'sick') return before;
  if (before.state.endsWith('failed')) {
    io.progress(`environment ${name} is ${before.state}: destroying it first`);
    await demandVerb(commands, { ...call, verb: 'destroy' }, io);
  }
  if (settings.commands.provision === undefined) return before;
  io.progress(`provisioning ${name}`);
  const result = await demandVerb(commands, { ...call, verb: 'provision' }, io);
  const after = await settle(commands, { name, while: PASSING, deadline }, io);
  if (after.state.endsWith('failed'))
    throw new EnvironmentFault('provider', `the environment is ${after.state} after "provision"`, result.output);
  return after;
}

/** Brings the candidate up and reads its commits back; what already runs it is left alone. */
export async function deploy(commands: Commands, request: DeployRequest, io: Io): Promise<Deployment> {
  const { name, commits } = request;
  const { root, settings } = commands;
  const earlier = await readNote(root, name);
  const seen = await provision(commands, request, io);
  const running = Object.keys(seen.commits).length > 0 ? seen.commits : (earlier?.deployment?.commits ?? {});
  const remembered = earlier?.deployment?.variables ?? {};
  if (seen.state === 'ready' && Object.keys(running).length > 0 && runsAll(commits, running))
    return keep(commands, request, deploymentOf(request, seen, remembered));
  const verb = verbFor({
    commands,
    request,
    earlier,
    inPlace: seen.state === 'ready' && Object.keys(running).length > 0,
  });
  io.progress(`${verb} ${name}`);
  const result = await runVerb(commands, { verb, name, note: noteOf(request), seconds: settings.seconds }, io);
  if (result.exitCode !== 0) throw failure(verb, result);
  const report = await readBack(commands, { verb, request, result }, io);
  const deployment = deploymentOf(request, report, {});
  await untilHealthy(
    {
      addresses: deployment.addresses,
      health: settings.health,
      seconds: request.healthSeconds,
      logOf: async () => tail(result.output, LOG_CHARACTERS),
    },
    io,
  );
  return keep(commands, request, deployment);
}

interface Choice {
  readonly commands: Commands;
  readonly request: DeployRequest;
  readonly earlier: Note | undefined;
  readonly inPlace: boolean;
}

/** A running environment of the same owner is resynced, one of another's swapped, where there is a command for it. */
function verbFor({ commands, request, earlier, inPlace }: Choice): CommandVerb {
  const { resync, swap_branch: swap } = commands.settings.commands;
  if (!inPlace || (resync === undefined && swap === undefined)) return 'deploy';
  const foreign = earlier !== undefined && earlier.owner !== request.owner;
  return swap !== undefined && (foreign || resync === undefined) ? 'swap_branch' : 'resync';
}

function failure(verb: CommandVerb, result: CommandResult): Error {
  const fault = hostFault(result);
  if (fault !== undefined) return new EnvironmentFault(fault, endOf(verb, result, fault), result.output);
  return new DeployFailed(
    'environment',
    `did not come up: ${endOf(verb, result)}`,
    tail(result.output, LOG_CHARACTERS),
  );
}

interface Ran {
  readonly verb: CommandVerb;
  readonly request: DeployRequest;
  readonly result: CommandResult;
}

/** What runs now, `status` before what the command itself said. Throws when it is not the candidate, or not ready. */
async function readBack(commands: Commands, { verb, request, result }: Ran, io: Io): Promise<EnvironmentReport> {
  const { name, commits: wanted } = request;
  const { settings } = commands;
  const own = reportOf(verb, result);
  const { status, list } = settings.commands;
  const asks = status !== undefined || list !== undefined;
  const deadline = Date.now() + settings.seconds * 1000;
  const seen = asks ? await settle(commands, { name, while: PASSING, deadline }, io) : own;
  const state = seen.state ?? 'ready';
  if (state !== 'ready' && state !== 'sick')
    throw new DeployFailed('environment', `is ${state} after "${verb}"`, tail(result.output, LOG_CHARACTERS));
  const report = {
    message: own.message,
    addresses: { ...own.addresses, ...seen.addresses },
    commits: { ...own.commits, ...seen.commits },
    services: { ...own.services, ...seen.services },
    variables: { ...own.variables, ...seen.variables },
  };
  expectCommits({ where: `environment "${name}"`, wanted, runs: report.commits });
  const unread = Object.keys(wanted).filter((key) => report.commits[key] === undefined);
  if (unread.length > 0)
    throw new ProviderOutputInvalid(
      `"${status === undefined ? verb : 'status'}"`,
      `named no commit that runs of ${unread.join(', ')}: print commit.<repository>=<id>`,
      result.output,
    );
  return report;
}

function deploymentOf(
  { name, commits }: DeployRequest,
  { addresses, variables }: Pick<Seen, 'addresses' | 'variables'>,
  remembered: Readonly<Record<string, string>>,
): Deployment {
  return { name, commits, addresses, variables: { ...remembered, ...addressVariables(addresses), ...variables } };
}

async function keep({ root }: Commands, request: DeployRequest, deployment: Deployment): Promise<Deployment> {
  await writeNote(root, { ...noteOf(request), deployment });
  return deployment;
}
