import Table from 'cli-table3';
import { DURATION, DURATION_HELP, secondsOf } from '../../domain/duration.ts';
import { PEOPLE, leaseIdOf } from '../../domain/lease.ts';
import type { Lease } from '../../domain/lease.ts';
import type { Project } from '../../domain/project.ts';
import type { ByHand } from '../../worker/by-hand.ts';
import { EXIT, UsageError } from '../errors.ts';
import { Unreachable, connect, isExternal } from '../connect.ts';
import type { Session } from '../connect.ts';
import { ensureSweep, giveUp, holdByHand, readLease } from '../leases.ts';
import { loadProject } from '../order.ts';
import { printable } from '../printable.ts';
import { home } from '../session.ts';

interface Options {
  readonly project?: string;
  readonly at?: readonly string[];
  readonly service?: string;
  readonly run?: string;
  readonly ttl?: string;
  readonly json?: boolean;
}

interface Order {
  readonly project: Project;
  /** Of the server that holds the leases, where one is reached. */
  readonly session: Session | undefined;
  readonly hand: ByHand;
  readonly name: string;
  readonly at: Readonly<Record<string, string>>;
  /** Seconds. */
  readonly ttl: number;
  readonly options: Options;
}

/** What an action gives: a value for `--json`, lines for people, and the exit code. */
interface Given {
  readonly value: unknown;
  readonly lines: readonly string[];
  readonly code?: number;
}

const ACTIONS: Readonly<Record<string, (order: Order) => Promise<Given>>> = {
  async list({ hand, session, project }) {
    const entries = await hand.list();
    const value = await Promise.all(
      entries.map(async (one) => ({ ...one, lease: await leaseOf(session, project, one.name) })),
    );
    const table = new Table({ head: ['environment', 'owner', 'lease'], style: { head: [], border: [] } });
    table.push(...value.map(({ name, owner, lease }) => [name, lease?.owner ?? owner, leaseLine(lease)]));
    return { value, lines: value.length === 0 ? ['There are no environments.'] : [table.toString()] };
  },
  async status({ hand, name }) {
    const value = await hand.status(name);
    const { state, commits, addresses, services } = value;
    return { value, lines: [`${name}: ${state}`, ...pairs(commits), ...pairs(addresses), ...pairs(services)] };
  },
  async provision(order) {
    const { hand, name, at } = order;
    await hold(order);
    const value = await hand.provision(name, at);
    return { value, lines: [`${name}: ${value.state}`] };
  },
  async deploy(order) {
    const { hand, name, at } = order;
    await hold(order);
    const value = await hand.deploy(name, at, order.ttl);
    if (value.kind === 'deployed')
      return { value: value.deployment, lines: [`${name} is up`, ...pairs(value.deployment.variables)] };
    const { why, failureClass, excerpt } = value.result;
    return { value: value.result, lines: [`${name}: ${failureClass}: ${why}`, excerpt], code: EXIT.unsuccessful };
  },
  async extend(order) {
    const { session, project, name } = order;
    if ((await leaseOf(session, project, name)) === undefined) throw new UsageError(`no lease holds ${name}`);
    await hold(order);
    const lease = await leaseOf(session, project, name);
    return { value: { name, lease }, lines: [`${name} is held ${leaseLine(lease)}`] };
  },
  async logs({ hand, name }) {
    const value = await hand.logs(name);
    const lines = Object.entries(value).flatMap(([service, text]) => [`== ${service}`, text.trimEnd()]);
    return { value, lines: lines.length === 0 ? [`${name} has no logs.`] : lines };
  },
  async exec({ hand, name, options }) {
    const { service, run } = options;
    if (service === undefined || run === undefined)
      throw new UsageError('env exec needs --service <name> and --run <command line>');
    const { exitCode, stdout, output } = await hand.exec({ name, service, run });
    const code = exitCode === 0 ? EXIT.done : EXIT.unsuccessful;
    return { value: { exitCode, stdout, output }, lines: [output.trimEnd()], code };
  },
  async e2e({ hand, name, at }) {
    const value = await hand.e2e(name, at);
    const lines = [`${value.result.replace('_', ' ')}: ${value.examined} examined ${value.why}`.trim(), value.excerpt];
    return { value, lines, code: value.result === 'passed' ? EXIT.done : EXIT.unsuccessful };
  },
  async destroy({ hand, session, project, name }) {
    const gone = session !== undefined && (await giveUp(session, leaseIdOf(project.key, name), ERASE_SECONDS));
    // Without a worker, nobody else does it.
    if (!gone) await hand.destroy(name);
    return { value: { name, state: 'absent' }, lines: [`${name} is gone.`] };
  },
};

/** `spec-to-pr env`: environments without a run. */
export async function verb(options: Options, action?: string, name?: string): Promise<number> {
  const act = Object.hasOwn(ACTIONS, action ?? '') ? ACTIONS[action ?? ''] : undefined;
  if (act === undefined)
    throw new UsageError(`env ${action || '(no action)'} is unknown: use ${Object.keys(ACTIONS).join(', ')}`);
  if (action !== 'list' && !name) throw new UsageError(`env ${action} needs the environment's name`);
  const project = await loadProject(options.project);
  const at = atOf(
    options.at ?? [],
    project.repositories.map(({ key }) => key),
  );
  const ttl = ttlOf(options.ttl);
  const session = await reach(needsServer(action));
  const interrupted = new AbortController();
  const stop = (): void => interrupted.abort(new Error('interrupted'));
  process.once('SIGINT', stop);
  try {
    const progress = (step: string): void => void process.stderr.write(`${step}\n`);
    const { byHand } = await import('../../worker/by-hand.ts');
    const io = { signal: interrupted.signal, progress };
    const hand = await byHand(project, { environment: process.env, client: session?.client, io });
    const { value, lines, code } = await act({ project, session, hand, name: name ?? '', at, ttl, options });
    const text =
      options.json === true ? JSON.stringify(value) : printable(lines.filter((line) => line !== '').join('\n'));
    process.stdout.write(`${text}\n`);
    return code ?? EXIT.done;
  } finally {
    process.off('SIGINT', stop);
    await session?.close();
  }
}

const DEFAULT_TTL = 4 * 3600;
const ERASE_SECONDS = 120;

function ttlOf(given: string | undefined): number {
  if (given === undefined) return DEFAULT_TTL;
  if (!DURATION.test(given)) throw new UsageError(`--ttl takes ${DURATION_HELP}, not "${given}"`);
  return secondsOf(given);
}

/** What makes an environment needs somebody who takes it away again. */
const needsServer = (action: string | undefined): boolean => action === 'provision' || action === 'deploy';

/** The server that holds the leases: started where it is needed, else nothing when there is none. */
async function reach(needed: boolean): Promise<Session | undefined> {
  if (needed) {
    const { ensureRunning } = await import('../../worker/up.ts');
    const say = (line: string): void => void process.stderr.write(`${line}\n`);
    await ensureRunning({ environment: process.env, say }, isExternal(process.env));
  }
  try {
    return await connect(process.env, home());
  } catch (error) {
    if (needed || !(error instanceof Unreachable)) throw error;
    return undefined;
  }
}

/** Holds the environment for a person. Throws UsageError when it is somebody else's. */
async function hold({ session, project, hand, name, ttl }: Order): Promise<void> {
  if (session === undefined) throw new UsageError('no Temporal server is running: start one with `spec-to-pr up`');
  const owner = `${project.key}/by-hand/${name}`;
  let lease = await readLease(session, project.key, name);
  if (lease?.stage === 'erasing') {
    await giveUp(session, leaseIdOf(project.key, name), ERASE_SECONDS);
    lease = await readLease(session, project.key, name);
    if (lease !== undefined)
      throw new UsageError(`${name} is still being erased: try again later, or use another name`);
  }
  if (lease !== undefined && lease.owner !== owner && lease.owner !== PEOPLE)
    throw new UsageError(`${name} belongs to ${lease.owner}: use another name`);
  const order = { project: project.key, environment: project.environment, name, owner, seconds: ttl };
  await holdByHand(session, { ...order, worktrees: hand.worktreesOf(name) }, hand.host);
  if ((await readLease(session, project.key, name))?.stage !== 'held')
    throw new UsageError(`the lease of ${name} has just ended: call again`);
  await ensureSweep(session, project);
}

/** What is known of the lease: nothing without a server or a worker. */
async function leaseOf(session: Session | undefined, { key }: Project, name: string): Promise<Lease | undefined> {
  return session === undefined ? undefined : readLease(session, key, name).catch(() => undefined);
}

function leaseLine(lease: Lease | undefined): string {
  if (lease === undefined) return 'none';
  return lease.stage === 'erasing' ? `being erased: ${lease.why}` : `until ${new Date(lease.until).toISOString()}`;
}

function pairs(map: Readonly<Record<string, string>>): readonly string[] {
  return Object.entries(map).map(([key, value]) => `  ${key}: ${value}`);
}

function atOf(given: readonly string[], keys: readonly string[]): Readonly<Record<string, string>> {
  const entries = given.map((text): readonly [string, string] => {
    const [key = '', ...rest] = text.split('=');
    const reference = rest.join('=');
    if (!keys.includes(key) || reference === '')
      throw new UsageError(
        `--at takes <repository>=<branch, tag or commit>, not "${text}" (repositories: ${keys.join(', ')})`,
      );
    return [key, reference];
  });
  return Object.fromEntries(entries);
}
