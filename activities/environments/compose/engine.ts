import { COMPOSE_ENGINES } from '../../../domain/environment.ts';
import type { ComposeEngine } from '../../../domain/environment.ts';
import type { Io } from '../../io.ts';
import type { CommandResult } from '../../process/run-command.ts';
import { EngineMissing, EnvironmentFault, faultOf } from '../errors.ts';
import type { InfraCause } from '../../../formats/causes.ts';
import { callTool, lastLine } from '../tool.ts';

/** A container engine: the command that speaks compose, and the one that knows single containers. */
export interface Engine {
  readonly compose: readonly [string, ...string[]];
  readonly containers: string;
}

export interface EngineCall {
  /** Program and arguments. */
  readonly line: readonly [string, ...string[]];
  readonly cwd?: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly seconds: number;
  /** As of a Command. */
  readonly maxBytes?: number;
  /** As of a ToolCall. */
  readonly noteIn?: string;
}

const LOOK_SECONDS = 20;

/** The engine that is asked for, or the first on PATH. Throws EngineMissing. */
export async function findEngine(
  wanted: ComposeEngine | undefined,
  environment: Readonly<Record<string, string>>,
  io: Io,
): Promise<Engine> {
  const answers = async (...line: [string, ...string[]]): Promise<boolean> => {
    try {
      return (await callEngine({ line, environment, seconds: LOOK_SECONDS }, io)).exitCode === 0;
    } catch (error) {
      if (error instanceof EngineMissing) return false;
      throw error;
    }
  };
  for (const name of wanted === undefined ? COMPOSE_ENGINES : [wanted]) {
    const compose: readonly [string, ...string[]] = name === 'docker-compose' ? [name] : [name, 'compose'];
    if (!(await answers(...compose, 'version'))) continue;
    for (const containers of name === 'docker-compose' ? ['docker', 'podman'] : [name])
      if (await answers(containers, '--version')) return { compose, containers };
  }
  const tried =
    wanted === undefined ? '"docker compose", "podman compose" or "docker-compose"' : `"${wanted}" with compose`;
  throw new EngineMissing(`there is no ${tried} on the worker's PATH`);
}

/** Runs the engine; any exit code is a value. */
export function callEngine({ line, ...call }: EngineCall, io: Io): Promise<CommandResult> {
  const [file, ...args] = line;
  return callTool({ ...call, what: `"${nameOf(line)}"`, file, arguments: args }, io);
}

/** `callEngine` for what has to succeed whatever the candidate is. Throws EnvironmentFault for any exit code but 0. */
export async function demandEngine(call: EngineCall, io: Io): Promise<string> {
  const result = await callEngine(call, io);
  if (result.exitCode === 0) return result.stdout;
  // What it printed before it failed is data, in which any word may stand.
  const cause = faultOf(result.output.slice(result.output.trimEnd().lastIndexOf('\n') + 1));
  throw new EnvironmentFault(cause ?? 'provider', endOf(call.line, result), result.output);
}

const NO_NETWORK =
  /pool overlaps with other one|pools have been fully subnetted|non-overlapping IPv4 address pool|subnet \S+ is already used/i;
const ASKED = /\b(Get|Head) "https?:/;

/** What of the engine's own doing its output blames, or nothing: no network is free, or a registry could not be asked. */
export function engineFaultOf(output: string): InfraCause | undefined {
  const own = output
    .split('\n')
    .filter((line) => /^(Error response from daemon|failed to solve|failed to create network)/.test(line));
  if (own.some((line) => NO_NETWORK.test(line))) return 'provider';
  const asked = own.find((line) => ASKED.test(line));
  return asked === undefined ? undefined : (faultOf(asked) ?? 'provider');
}

const LAST_LINE = 4000;
const CONTAINER_ID = / \([0-9a-f]{64}\)/g;

/** `"docker network rm" ended with exit code 1: <last line>`. */
export function endOf(line: readonly string[], { exitCode, output }: CommandResult): string {
  const how = exitCode === null ? 'was killed' : `ended with exit code ${exitCode}`;
  const said = lastLine(output.slice(-LAST_LINE).replaceAll(CONTAINER_ID, ''));
  return `"${nameOf(line)}" ${how}${said === '' ? '' : `: ${said}`}`;
}

const VERBS = ['config', 'up', 'down', 'version', 'inspect', 'exec', 'logs', 'ls', 'rm'];

function nameOf(line: readonly string[]): string {
  const [program = '', second = ''] = line;
  const words = [
    second === 'compose' ? `${program} ${second}` : program,
    line.find((word) => VERBS.includes(word)) ?? '',
  ];
  return words.join(' ').trim();
}
