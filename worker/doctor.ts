import { access, constants, statfs } from 'node:fs/promises';
import path from 'node:path';
import { execa } from 'execa';
import { DEFAULT_SANDBOX } from '../domain/project.ts';
import type { NotifierChoice, Project } from '../domain/project.ts';
import { workerConfig } from './config.ts';
import { containment } from './containment.ts';
import { runningWorker } from './processes/worker.ts';
import { runningServer } from './temporal/server.ts';
import { cacheHome } from './processes/home.ts';
import { TEMPORAL_VERSION } from './temporal/version.ts';

export interface Check {
  readonly name: string;
  readonly ok: boolean;
  readonly found: string;
  /** What to do; empty when ok. */
  readonly fix: string;
  /** Of containment: whether the property withstood the attempt to break it. One that the project does not demand is ok all the same. */
  readonly holds?: boolean;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Looks at everything a run needs on this machine, and proves what agents are contained by. Leaves nothing behind. */
export async function diagnose(project: Project | undefined, environment: Environment): Promise<readonly Check[]> {
  const config = workerConfig(environment);
  const git = await program('git', environment, 'install git 2.31 or newer');
  const checks: Check[] = [
    platform(),
    node(),
    git,
    await server(config.home, environment),
    await worker(config.home),
    await state(config.home),
    await disk(config.home),
  ];
  if (git.ok) checks.push(...(await containment(project?.sandbox ?? DEFAULT_SANDBOX, environment)));
  if (project === undefined) return checks;
  for (const [cli, name] of agentPrograms(project))
    checks.push(
      await program(cli, environment, `install the ${name} CLI and log in, or name it by the agent's option "command"`),
    );
  if (project.forge.kind === 'github') checks.push(token(project.forge.tokenEnv, environment));
  checks.push(...project.notifiers.flatMap((choice) => channel(choice, environment)));
  return checks;
}

const CLIS: Readonly<Record<string, string | undefined>> = { claude: 'claude', codex: 'codex', opencode: 'opencode' };

/** The CLIs of the project's agents, with the agent's name. */
function agentPrograms({ roles }: Project): ReadonlyMap<string, string> {
  const agents = Object.values(roles).map(({ agent }) => agent);
  return new Map(
    agents.flatMap(({ name, options }) => {
      const cli = CLIS[name];
      return cli === undefined ? [] : [[options['command'] ?? cli, name] as const];
    }),
  );
}

/** Whether the variables that a channel needs are set. */
function channel({ name, options }: NotifierChoice, environment: Environment): readonly Check[] {
  const password = options['user'] === undefined ? undefined : options['password_env'];
  const variables: Readonly<Record<string, string | undefined>> = {
    slack: 'SPEC_TO_PR_SLACK_WEBHOOK_URL',
    webhook: 'SPEC_TO_PR_WEBHOOK_URL',
    github: options['token_env'],
    email: password,
  };
  const variable = variables[name];
  if (variable === undefined) return [];
  const found = environment[variable] ? `$${variable} is set` : undefined;
  return [check(`channel ${name}`, found, `set $${variable} for the worker`)];
}

const check = (name: string, found: string | undefined, fix: string): Check => ({
  name,
  ok: found !== undefined,
  found: found ?? 'not found',
  fix: found === undefined ? fix : '',
});

function platform(): Check {
  const known = ['linux', 'darwin'].includes(process.platform);
  return { name: 'platform', ok: known, found: process.platform, fix: known ? '' : 'run it on Linux or macOS' };
}

function node(): Check {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const ok = major > 22 || (major === 22 && minor >= 18);
  return { name: 'node', ok, found: process.versions.node, fix: ok ? '' : 'install Node 22.18 or newer' };
}

async function program(name: string, environment: Environment, fix: string): Promise<Check> {
  const result = await execa(name, ['--version'], {
    reject: false,
    timeout: 20_000,
    env: { PATH: environment['PATH'] ?? '' },
    extendEnv: false,
  });
  return check(path.basename(name), result.exitCode === 0 ? result.stdout.split('\n')[0] : undefined, fix);
}

async function server(home: string, environment: Environment): Promise<Check> {
  if (environment['TEMPORAL_ADDRESS']) return check('temporal', `yours at ${environment['TEMPORAL_ADDRESS']}`, '');
  const running = await runningServer(home);
  if (running !== undefined) return check('temporal', `embedded, at ${running.address}`, '');
  const cached = path.join(cacheHome(environment), `temporal-${TEMPORAL_VERSION}`, 'temporal');
  const places = [
    ...(environment['PATH'] ?? '').split(path.delimiter).map((folder) => path.join(folder, 'temporal')),
    cached,
  ];
  for (const file of places) if (await executable(file)) return check('temporal', `${file}, not running`, '');
  const go = await program('go', environment, '');
  return check(
    'temporal',
    go.ok ? `none yet; it can be built with ${go.found}` : undefined,
    'install the `temporal` CLI or Go 1.26, or set TEMPORAL_ADDRESS',
  );
}

async function worker(home: string): Promise<Check> {
  const record = await runningWorker(home);
  return check(
    'worker',
    record === undefined ? 'not running; `run` and `up` start one' : `running, pid ${record.pid}`,
    '',
  );
}

async function state(home: string): Promise<Check> {
  for (let folder = home; ; folder = path.dirname(folder)) {
    const there = await access(folder).then(
      () => true,
      () => false,
    );
    if (!there && folder !== path.dirname(folder)) continue;
    const writable = await access(folder, constants.W_OK).then(
      () => true,
      () => false,
    );
    return check('state folder', writable ? home : undefined, `make ${folder} writable, or set SPEC_TO_PR_HOME`);
  }
}

async function disk(home: string): Promise<Check> {
  for (let folder = home; ; folder = path.dirname(folder)) {
    const found = await statfs(folder).catch(() => undefined);
    if (found === undefined) continue;
    const free = (found.bavail * found.bsize) / 1024 ** 3;
    return {
      name: 'disk',
      ok: free > 2,
      found: `${free.toFixed(1)} GB free`,
      fix: free > 2 ? '' : `free some space at ${folder}: at least 2 GB`,
    };
  }
}

function token(name: string, environment: Environment): Check {
  return check(
    'forge token',
    environment[name] ? `$${name} is set` : undefined,
    `set $${name} for the worker, with access to contents and pull requests`,
  );
}

async function executable(file: string): Promise<boolean> {
  return access(file, constants.X_OK).then(
    () => true,
    () => false,
  );
}
