import { reservationOf } from '../../domain/budget.ts';
import { DEFAULT_SANDBOX } from '../../domain/project.ts';
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import type { AgentReport } from '../../activities/agents/index.ts';
import { plan } from '../../activities/plan.ts';
import type { Ports } from '../../activities/ports.ts';
import { holdSession } from '../../activities/session.ts';
import type { Outcome } from '../../domain/outcome.ts';
import type { AgentChoice, RoleChoices } from '../../domain/project.ts';
import type { Role } from '../../domain/roles.ts';
import { workerConfig } from '../../worker/config.ts';
import { createPorts } from '../../worker/ports.ts';
import { temporaryFolder } from './folder.ts';
import { bareRepository, git } from './repository.ts';
import type { Files } from './repository.ts';
import { plannedRun } from './run.ts';

const io = { signal: new AbortController().signal, progress: () => undefined };

/** The text of `.claude/agents/careful.md` with these further lines of front matter. */
export const careful = (lines: readonly string[] = [], body = ''): string =>
  ['---', 'name: careful', 'description: Takes small steps', ...lines, '---', body].join('\n');

/** Repositories by key, on a host of their own with these variables. */
export interface Stage {
  readonly folder: string;
  readonly urls: Readonly<Record<string, string>>;
  readonly ports: Ports;
  /** Plans a run with these roles. */
  plan(roles: RoleChoices): Promise<Outcome>;
}

export async function stageOf(
  repositories: Readonly<Record<string, Files>>,
  environment: Readonly<Record<string, string>> = {},
): Promise<Stage> {
  const folder = await temporaryFolder();
  const home = path.join(folder, 'home');
  mkdirSync(home);
  const variables = { PATH: process.env['PATH'], SPEC_TO_PR_HOME: home, HOME: home, ...environment };
  const ports = createPorts(workerConfig(variables), { name: 'Bot', email: 'bot@example.com' });
  const urls = Object.fromEntries(
    Object.entries(repositories).map(([key, files]) => [
      key,
      bareRepository(folder, key, { 'a.txt': 'a\n', ...files }),
    ]),
  );
  const list = Object.entries(urls).map(([key, url]) => ({
    ...{ key, url, base: 'main', setup: [], checks: [], health: '/' },
  }));
  const forge = { kind: 'local', tokenEnv: 'T' };
  return {
    folder,
    urls,
    ports,
    plan: (roles) => plan(ports, { repositories: list, forge, title: 'Greet', roles, maxTurns: 100 }, io),
  };
}

/** Plans a run whose developer is `careful` and holds one session in a clone of its first repository. Throws why it was refused. */
export async function sessionAs(
  { folder, urls, ports, plan }: Stage,
  { agent, role = 'developer' }: { readonly agent: AgentChoice; readonly role?: Role },
): Promise<{ readonly report: AgentReport; readonly prompt: string; readonly directory: string }> {
  const roles = { developer: { agent, persona: 'careful' }, debugger: { agent } };
  const planned = await plan(roles);
  if (planned.kind !== 'planned') throw new Error('why' in planned ? planned.why : planned.kind);
  const { repositories, personas } = planned;
  const run = { ...plannedRun({ roles, limits: { agentTurns: 100 } }), repositories, personas };
  const directory = path.join(folder, 'work');
  git(folder, 'clone', '--quiet', Object.values(urls)[0] ?? '', directory);
  const sandbox = DEFAULT_SANDBOX;
  const reservation = reservationOf(run);
  const order = {
    run,
    role,
    attempt: 1,
    name: 'implement-1',
    directory,
    prompt: 'Write a greeting.',
    sandbox,
    reservation,
  };
  const { report, prompt } = await holdSession(ports, order, io);
  return { report, prompt: await ports.artifacts.read(prompt), directory };
}
