import Table from 'cli-table3';
import type { Project } from '../domain/project.ts';
import type { ByHand } from '../worker/by-hand.ts';
import type { Session } from './connect.ts';
import { EXIT, UsageError } from './errors.ts';
import { hold, leaseLine, leaseOf, letGo } from './hold.ts';
import { gateLine } from './view.ts';

/** What is to be done with which environment. */
export interface ActionOrder {
  readonly project: Project;
  /** Of the server that holds the leases, where one is reached. */
  readonly session: Session | undefined;
  readonly hand: ByHand;
  readonly name: string;
  readonly at: Readonly<Record<string, string>>;
  /** Seconds. */
  readonly ttl: number;
  /** Of `logs`: where they begin, in milliseconds since the epoch; the end of each without it. */
  readonly since: number | undefined;
  /** Of `exec`: the service, and the command line. */
  readonly service: string | undefined;
  readonly run: string | undefined;
}

/** What an action gives: a value for `--json`, lines for people, and the exit code. */
export interface ActionResult {
  readonly value: unknown;
  readonly lines: readonly string[];
  readonly code?: number;
}

/** What a person can do with environments of a project without a run. */
export const environmentActions: Readonly<Record<string, (order: ActionOrder) => Promise<ActionResult>>> = {
  async list({ hand, session, project }) {
    const entries = await hand.list();
    const value = await Promise.all(
      entries.map(async (one) => ({ ...one, lease: await leaseOf(session, project, one.name) })),
    );
    const table = new Table({ head: ['environment', 'state', 'owner', 'lease'], style: { head: [], border: [] } });
    table.push(
      ...value.map(({ name, state = '–', owner, lease }) => [name, state, lease?.owner ?? owner, leaseLine(lease)]),
    );
    return { value, lines: value.length === 0 ? ['There are no environments.'] : [table.toString()] };
  },
  async status({ hand, session, project, name }) {
    const value = await hand.status(name);
    const { state, commits, addresses, services } = value;
    const parts = { commits, addresses, services };
    const told = Object.entries(parts).flatMap(([part, map]) =>
      Object.keys(map).length === 0 ? [] : [part, ...pairs(map)],
    );
    const lease = await leaseOf(session, project, name);
    const code = state === 'absent' ? EXIT.unsuccessful : EXIT.done;
    return { value, lines: [`${name}: ${state}`, ...told, `lease: ${leaseLine(lease)}`], code };
  },
  async provision(order) {
    const { hand, name, at } = order;
    const candidate = await hand.find(name, at);
    await hold(order);
    const value = await hand.provision(name, candidate);
    return { value, lines: [`${name}: ${value.state}`] };
  },
  async deploy(order) {
    const { hand, name, at } = order;
    const candidate = await hand.find(name, at);
    await hold(order);
    const value = await hand.deploy(name, candidate, order.ttl);
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
  async logs({ hand, name, since }) {
    const value = await hand.logs(name, since);
    const lines = Object.entries(value).flatMap(([service, text]) => [`== ${service}`, text.trimEnd()]);
    return { value, lines: lines.length === 0 ? [`${name} has no logs.`] : lines };
  },
  async exec({ hand, name, service, run }) {
    if (service === undefined || run === undefined)
      throw new UsageError('env exec needs --service <name> and --run <command line>');
    const { exitCode, stdout, output, timedOut, seconds } = await hand.exec({ name, service, run });
    const code = exitCode === 0 ? EXIT.done : EXIT.unsuccessful;
    const cut = timedOut
      ? `The command was ended after ${seconds.toFixed(0)} s: limits.check_minutes is its time.`
      : '';
    return { value: { exitCode, stdout, output, timedOut }, lines: [output.trimEnd(), cut], code };
  },
  async e2e({ hand, name, at }) {
    const value = await hand.e2e(name, at);
    const code = value.result === 'passed' ? EXIT.done : EXIT.unsuccessful;
    return { value, lines: [gateLine(value), value.excerpt], code };
  },
  async destroy({ hand, session, project, name }) {
    const before = await leaseOf(session, project, name);
    const stillHeld = await letGo(session, project, name);
    // A lease erases by what it was told: what the settings of today name is looked at as well.
    const known = before !== undefined || (await hand.status(name)).state !== 'absent';
    await hand.destroy(name);
    if (stillHeld !== undefined)
      throw new UsageError(`${name} (${stillHeld.kind}) is still being erased by its lease`, EXIT.unsuccessful);
    return {
      value: { name, state: 'absent' },
      lines: [known ? `${name} is gone.` : `There was no environment ${name}.`],
    };
  },
};

function pairs(map: Readonly<Record<string, string>>): readonly string[] {
  return Object.entries(map).map(([key, value]) => `  ${key}: ${value}`);
}
