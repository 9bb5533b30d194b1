import Table from 'cli-table3';
import type { ByHand } from '../../worker/by-hand.ts';
import { EXIT, UsageError } from '../errors.ts';
import { loadProject } from '../order.ts';

interface Options {
  readonly project?: string;
  readonly at?: readonly string[];
  readonly service?: string;
  readonly run?: string;
  readonly json?: boolean;
}

interface Order {
  readonly hand: ByHand;
  readonly name: string;
  readonly at: Readonly<Record<string, string>>;
  readonly options: Options;
}

/** What an action gives: a value for `--json`, lines for people, and the exit code. */
interface Given {
  readonly value: unknown;
  readonly lines: readonly string[];
  readonly code?: number;
}

const ACTIONS: Readonly<Record<string, (order: Order) => Promise<Given>>> = {
  async list({ hand }) {
    const value = await hand.list();
    const table = new Table({ head: ['environment', 'owner'], style: { head: [], border: [] } });
    table.push(...value.map(({ name, owner }) => [name, owner]));
    return { value, lines: value.length === 0 ? ['There are no environments.'] : [table.toString()] };
  },
  async status({ hand, name }) {
    const value = await hand.status(name);
    const { state, commits, addresses, services } = value;
    return { value, lines: [`${name}: ${state}`, ...pairs(commits), ...pairs(addresses), ...pairs(services)] };
  },
  async provision({ hand, name, at }) {
    const value = await hand.provision(name, at);
    return { value, lines: [`${name}: ${value.state}`] };
  },
  async deploy({ hand, name, at }) {
    const value = await hand.deploy(name, at);
    if (value.kind === 'deployed')
      return { value: value.deployment, lines: [`${name} is up`, ...pairs(value.deployment.variables)] };
    const { why, failureClass, excerpt } = value.result;
    return { value: value.result, lines: [`${name}: ${failureClass}: ${why}`, excerpt], code: EXIT.unsuccessful };
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
  async destroy({ hand, name }) {
    await hand.destroy(name);
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
  const { byHand } = await import('../../worker/by-hand.ts');
  const interrupted = new AbortController();
  const stop = (): void => interrupted.abort(new Error('interrupted'));
  process.once('SIGINT', stop);
  try {
    const progress = (step: string): void => void process.stderr.write(`${step}\n`);
    const hand = await byHand(project, process.env, { signal: interrupted.signal, progress });
    const { value, lines, code } = await act({ hand, name: name ?? '', at, options });
    const text = options.json === true ? JSON.stringify(value) : lines.filter((line) => line !== '').join('\n');
    process.stdout.write(`${text}\n`);
    return code ?? EXIT.done;
  } finally {
    process.off('SIGINT', stop);
  }
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
