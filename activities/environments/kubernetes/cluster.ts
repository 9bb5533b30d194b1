import type { KubernetesSettings } from '../../../domain/environment.ts';
import { tail } from '../../../domain/text.ts';
import type { InfraCause } from '../../../formats/causes.ts';
import type { Io } from '../../io.ts';
import type { CommandResult } from '../../process/run-command.ts';
import { DeployFailed, EnvironmentFault, ProviderOutputInvalid, faultOf } from '../errors.ts';
import { callTool, lastLine } from '../tool.ts';
import type { ToolCall } from '../tool.ts';

/** What every call of a cluster needs. */
export interface Cluster {
  readonly settings: KubernetesSettings;
  /** What kubectl, helm and the build get. */
  readonly environment: Readonly<Record<string, string>>;
  /** As of a ToolCall; absent where nothing is changed. */
  readonly noteIn?: string;
}

/** What makes a call one that the next call ends when its worker is lost, where the cluster may be changed. */
export function noted({ noteIn }: Cluster): Pick<ToolCall, 'noteIn'> {
  return noteIn === undefined ? {} : { noteIn };
}

export interface KubectlCall {
  /** The verb and what follows it; `--context` and `--namespace` are added. */
  readonly arguments: readonly [string, ...string[]];
  readonly namespace?: string;
  readonly input?: string;
  readonly seconds?: number;
  /** As of a Command. */
  readonly maxBytes?: number;
}

const LOOK_SECONDS = 60;
const LOG_CHARACTERS = 20_000;

/** Runs kubectl; any exit code is a value. */
export function kubectl(cluster: Cluster, call: KubectlCall, io: Io): Promise<CommandResult> {
  const { settings, environment } = cluster;
  const { namespace, input, maxBytes, seconds = LOOK_SECONDS } = call;
  const [verb, ...rest] = call.arguments;
  const place = namespace === undefined ? [] : ['--namespace', namespace];
  const context = settings.context === undefined ? [] : ['--context', settings.context];
  return callTool(
    {
      what: `"kubectl ${verb}"`,
      file: 'kubectl',
      arguments: [...context, ...place, verb, ...rest],
      environment,
      seconds,
      ...noted(cluster),
      ...(input === undefined ? {} : { input }),
      ...(maxBytes === undefined ? {} : { maxBytes }),
    },
    io,
  );
}

/** `kubectl` for what has to succeed whatever the candidate is. Throws EnvironmentFault for any exit code but 0. */
export async function demandKubectl(cluster: Cluster, call: KubectlCall, io: Io): Promise<string> {
  const result = await kubectl(cluster, call, io);
  if (result.exitCode === 0) return result.stdout;
  const what = endOf(`kubectl ${call.arguments[0]}`, result);
  throw new EnvironmentFault(clusterFault(result.output) ?? 'provider', what, result.output);
}

/** `demandKubectl` for JSON; nothing when kubectl prints nothing. */
export async function readKubectl(cluster: Cluster, call: KubectlCall, io: Io): Promise<unknown> {
  const text = await demandKubectl(cluster, call, io);
  if (text.trim() === '') return undefined;
  try {
    return JSON.parse(text);
  } catch {
    throw new ProviderOutputInvalid(`"kubectl ${call.arguments[0]}"`, 'printed broken JSON', text);
  }
}

/** `"kubectl apply" ended with exit code 1: <last line>`. */
export function endOf(what: string, { exitCode, output }: CommandResult): string {
  const how = exitCode === null ? 'was killed' : `ended with exit code ${exitCode}`;
  const said = lastLine(output);
  return `"${what}" ${how}${said === '' ? '' : `: ${said}`}`;
}

const REASONS: readonly (readonly [InfraCause, RegExp])[] = [
  ['quota', /exceeded quota|\(TooManyRequests\)/i],
  ['refused', /the connection to the server \S+ was refused/i],
  ['credentials', /\((Forbidden|Unauthorized)\)|you must be logged in to the server|context "[^"]*" does not exist/i],
  ['provider', /\((InternalError|ServerTimeout|ServiceUnavailable|Timeout)\)|unable to connect to the server/i],
];

/** What of the host or the cluster an output of kubectl or helm blames: these talk to the API server alone. */
export function clusterFault(output: string): InfraCause | undefined {
  return faultOf(output) ?? REASONS.find(([, pattern]) => pattern.test(output))?.[0];
}

/** The candidate's failure, or the fault that is given. */
export function failure(what: string, result: CommandResult, fault: InfraCause | undefined): Error {
  const why = endOf(what, result);
  if (fault !== undefined) return new EnvironmentFault(fault, why, result.output);
  return new DeployFailed('environment', `did not come up: ${why}`, tail(result.output, LOG_CHARACTERS));
}
