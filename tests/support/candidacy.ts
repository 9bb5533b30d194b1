import path from 'node:path';
import { deploy } from '../../activities/deploy.ts';
import type { DeployInput } from '../../activities/deploy.ts';
import type { Deployment } from '../../activities/environments/index.ts';
import type { Ports } from '../../activities/ports.ts';
import type { EnvironmentChoice } from '../../domain/environment.ts';
import { DEFAULT_LIMITS } from '../../domain/project.ts';
import type { Repository } from '../../domain/project.ts';
import { workerConfig } from '../../worker/config.ts';
import { createPorts } from '../../worker/ports.ts';
import { temporaryFolder } from './folder.ts';
import { bareRepository, git } from './repository.ts';

export const io = { signal: new AbortController().signal, progress: () => undefined };
/** A service that answers everything. */
export const SERVER = `console.log('db is up'); require('node:http').createServer((q, r) => r.end('ok')).listen(process.env.PORT, '127.0.0.1');`;

/** A candidate, and what it is brought up by. */
export interface Candidacy {
  readonly ports: Ports;
  readonly input: DeployInput;
}

/** A program that ends at once. */
export const BROKEN = `console.log('no schema 7'); process.exit(3);`;

/** A candidate of two services; the second one does not come up unless it is another program. */
export async function candidacy(environment: EnvironmentChoice, api = BROKEN): Promise<Candidacy> {
  const folder = await temporaryFolder();
  const repository = (key: string, program: string): Repository => ({
    key,
    url: bareRepository(folder, key, { 'server.cjs': program, 'tracked.txt': 'of the commit' }),
    base: 'main',
    setup: [],
    checks: [],
    start: 'node server.cjs',
    health: '/',
  });
  const repositories = [repository('db', SERVER), repository('api', api)];
  const pinned = repositories.map(({ key, url, base }) => ({
    key,
    url,
    base,
    baseCommit: git(url, 'rev-parse', 'main'),
  }));
  const home = path.join(folder, 'home');
  const config = workerConfig({ PATH: process.env['PATH'], SPEC_TO_PR_HOME: home, HOME: home });
  const input: DeployInput = {
    key: { workflowId: 'shop/GH-1', firstRunId: '0123456789' },
    workId: 'GH-1',
    remotes: { forge: { kind: 'local', tokenEnv: 'T' } },
    attempt: 1,
    commits: Object.fromEntries(pinned.map(({ key, baseCommit }) => [key, baseCommit])),
    pinned,
    repositories,
    limits: { ...DEFAULT_LIMITS, healthSeconds: 10 },
    environment,
    name: 'GH-1-01234567-1',
  };
  return { ports: createPorts(config, { name: 'Bot', email: 'bot@example.com' }), input };
}

/** Brings it up. */
export async function up({ ports, input }: Candidacy): Promise<Deployment> {
  const deployed = await deploy(ports, input, io);
  if (deployed.kind !== 'deployed') throw new Error(deployed.result.why);
  return deployed.deployment;
}
