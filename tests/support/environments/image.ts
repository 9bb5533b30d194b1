import { execFileSync, spawnSync } from 'node:child_process';
import { homedir, tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll } from '@jest/globals';
import lockfile from 'proper-lockfile';

const IMAGE = 'spec-to-pr-test:empty';

const succeeds = (file: string, ...args: readonly string[]): boolean => spawnSync(file, args).status === 0;

/** Why no container engine with compose can be used on this host, or nothing. */
export function engineProblem(): string | undefined {
  if (process.platform !== 'linux') return 'containers would run the programs of this host, which is not Linux';
  if (!succeeds('docker', 'info')) return 'no docker engine answers';
  return succeeds('docker', 'compose', 'version') ? undefined : 'docker has no compose';
}

/** Variables that the engine's client needs, wherever the home folder is. */
export function engineVariables(): Readonly<Record<string, string>> {
  const entries = Object.entries(process.env).filter(([name]) => /^(DOCKER|CONTAINER)_/.test(name));
  const given = Object.fromEntries(entries.map(([name, value]) => [name, value ?? '']));
  return { DOCKER_CONFIG: path.join(homedir(), '.docker'), ...given };
}

export type Kind = 'container' | 'network' | 'volume';

/** Ids of what the engine has of a compose project, of these kinds. */
export function madeOf(
  project: string,
  kinds: readonly Kind[] = ['container', 'network', 'volume'],
): readonly string[] {
  return kinds.flatMap((kind) => {
    const all = kind === 'container' ? ['--all'] : [];
    const args = [kind, 'ls', ...all, '--quiet', '--filter', `label=com.docker.compose.project=${project}`];
    return execFileSync('docker', args, { encoding: 'utf8' })
      .split('\n')
      .filter((id) => id !== '');
  });
}

const LOCK = path.join(tmpdir(), 'spec-to-pr-test-engine');
const TURN_MS = 20 * 60_000;
const POLL_MS = 500;

/** The tests of this file have the engine to themselves, with an empty image in it, so that no registry is asked. */
export function withEngine(): void {
  let release: (() => Promise<void>) | undefined;
  beforeAll(async () => {
    const retries = { forever: true, minTimeout: POLL_MS, maxTimeout: POLL_MS };
    release = await lockfile.lock(LOCK, { realpath: false, retries, stale: 60_000, onCompromised: () => undefined });
    const empty = execFileSync('tar', ['--create', '--files-from', '/dev/null']);
    execFileSync('docker', ['import', '-', IMAGE], { input: empty, stdio: ['pipe', 'ignore', 'inherit'] });
  }, TURN_MS);
  afterAll(async () => {
    spawnSync('docker', ['image', 'rm', '--force', IMAGE]);
    await release?.();
  });
}

interface Program {
  readonly program?: string;
  readonly variables?: Readonly<Record<string, string>>;
}

/** A compose service that runs a Node program, `server.js` if none is named, in the folder, with the programs of this host inside. */
export function serviceOf(
  key: string,
  directory: string,
  { program = 'server.js', variables = {} }: Program = {},
): string {
  const host = ['/usr', '/bin', '/lib', '/lib64'].map((folder) => `${folder}:${folder}:ro`);
  const volumes = [...host, `${path.dirname(process.execPath)}:/node:ro`, `${directory}:/srv/${key}:ro`];
  return `
  ${key}:
    image: ${IMAGE}
    pull_policy: never
    entrypoint: [/node/node, ${program}]
    environment: ${JSON.stringify({ PORT: '8080', HOST: '0.0.0.0', PATH: '/node:/usr/bin:/bin', ...variables })}
    working_dir: /srv/${key}
    stop_signal: SIGKILL
    volumes: ${JSON.stringify(volumes)}
    ports: ["127.0.0.1::8080"]`;
}
