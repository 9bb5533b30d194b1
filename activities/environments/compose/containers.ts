import { z } from 'zod';
import type { Io } from '../../io.ts';
import { demandEngine } from './engine.ts';
import type { Engine, EngineCall } from './engine.ts';
import { EnvironmentFault, ProviderOutputInvalid } from '../errors.ts';

/** Labels that this product puts on every container. */
export const LABELS = {
  environment: 'dev.spec-to-pr.environment',
  name: 'dev.spec-to-pr.name',
  owner: 'dev.spec-to-pr.owner',
  commits: 'dev.spec-to-pr.commits',
} as const;

/** Labels that compose puts on what it makes. */
export const PROJECT_LABEL = 'com.docker.compose.project';
const SERVICE_LABEL = 'com.docker.compose.service';

/** A container as the engine sees it. */
export interface Container {
  readonly id: string;
  readonly service: string;
  readonly labels: Readonly<Record<string, string>>;
  /** `running`, `exited`, `restarting`, … */
  readonly status: string;
  /** Of its health check; empty without one. */
  readonly health: string;
  readonly exitCode: number;
  /** The kernel ended a process of it for the memory that it used. */
  readonly outOfMemory: boolean;
  readonly restarts: number;
  /** Whether a TCP port is to be published, also of one that has ended. */
  readonly publishes: boolean;
  /** Published TCP ports, lowest container port first. */
  readonly ports: readonly { readonly host: string; readonly port: number }[];
}

const binding = z.object({ HostIp: z.string().default(''), HostPort: z.string() });
const inspected = z.array(
  z.object({
    Id: z.string(),
    RestartCount: z.number().default(0),
    Config: z.object({ Labels: z.record(z.string(), z.string()).nullish() }),
    State: z.object({
      Status: z.string(),
      ExitCode: z.number().default(0),
      OOMKilled: z.boolean().default(false),
      Health: z.object({ Status: z.string().default('') }).nullish(),
    }),
    HostConfig: z.object({ PortBindings: z.record(z.string(), z.unknown()).nullish() }).nullish(),
    NetworkSettings: z.object({ Ports: z.record(z.string(), z.array(binding).nullish()).nullish() }).nullish(),
  }),
);

/** What it takes to ask the engine. */
export interface EngineAccess {
  readonly engine: Engine;
  readonly environment: Readonly<Record<string, string>>;
}

const LOOK_SECONDS = 120;

const LOOKS = 5;
const GONE = /no such (container|object)/i;

/** Containers with this label (`key` or `key=value`), also those that have ended. */
export async function findContainers(access: EngineAccess, label: string, io: Io): Promise<readonly Container[]> {
  const { engine, environment } = access;
  for (let look = 1; ; look += 1) {
    const ids = await findIds(access, { kind: 'container', label }, io);
    if (ids.length === 0) return [];
    const line: EngineCall['line'] = [engine.containers, 'inspect', '--type', 'container', ...ids];
    try {
      const text = await demandEngine({ line, environment, seconds: LOOK_SECONDS }, io);
      return readContainers(text, engine.containers);
    } catch (error) {
      // One of another environment may go between the two questions.
      if (look === LOOKS || !(error instanceof EnvironmentFault && GONE.test(error.output))) throw error;
    }
  }
}

/** Ids of everything of a kind that bears the label. */
export async function findIds(
  { engine, environment }: EngineAccess,
  { kind, label }: { kind: 'container' | 'network' | 'volume' | 'image'; label: string },
  io: Io,
): Promise<readonly string[]> {
  const all = kind === 'container' ? ['--all'] : [];
  const line = [kind, 'ls', ...all, '--quiet', '--filter', `label=${label}`];
  const text = await demandEngine({ line: [engine.containers, ...line], environment, seconds: LOOK_SECONDS }, io);
  return [...new Set(text.split('\n').filter((id) => id !== ''))];
}

function readContainers(text: string, engine: string): readonly Container[] {
  const result = inspected.safeParse(parse(text));
  if (!result.success) throw new ProviderOutputInvalid(`"${engine} inspect"`, 'printed no containers', text);
  return result.data.map(({ Id, RestartCount, Config, State, HostConfig, NetworkSettings }) => ({
    id: Id,
    service: Config.Labels?.[SERVICE_LABEL] ?? '',
    labels: Config.Labels ?? {},
    status: State.Status,
    health: State.Health?.Status === 'none' ? '' : (State.Health?.Status ?? ''),
    exitCode: State.ExitCode,
    outOfMemory: State.OOMKilled,
    restarts: RestartCount,
    publishes: Object.keys(HostConfig?.PortBindings ?? {}).some(isTcp),
    ports: portsOf(NetworkSettings?.Ports ?? {}),
  }));
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const isTcp = (port: string): boolean => port.endsWith('/tcp');

type Bindings = Readonly<Record<string, readonly z.infer<typeof binding>[] | null | undefined>>;

function portsOf(ports: Bindings): Container['ports'] {
  return Object.entries(ports)
    .filter(([inside]) => isTcp(inside))
    .toSorted(([a], [b]) => Number.parseInt(a, 10) - Number.parseInt(b, 10))
    .flatMap(([, bindings]) => (bindings ?? []).slice(0, 1))
    .map(({ HostIp, HostPort }) => ({ host: HostIp, port: Number(HostPort) }));
}
