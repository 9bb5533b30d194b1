import type { Commits } from '../../../domain/ids.ts';
import { LABELS } from './containers.ts';
import type { Container } from './containers.ts';
import type { EnvironmentStatus } from '../index.ts';

const CRASH_LOOP = 3;

/** What is wrong with a container, what it waits for, or nothing. */
export function conditionOf(container: Container): { readonly bad: string } | { readonly waits: string } | undefined {
  const { status, health, exitCode, restarts, publishes } = container;
  if (restarts >= CRASH_LOOP) return { bad: `was restarted ${restarts} times` };
  if (status === 'exited' || status === 'dead' || status === 'stopped')
    return exitCode === 0 && !publishes && status !== 'dead' ? undefined : { bad: endOf(container) };
  if (status !== 'running') return { waits: status };
  if (health === 'unhealthy') return { bad: 'is unhealthy' };
  return health === '' || health === 'healthy' ? undefined : { waits: `running, health ${health}` };
}

function endOf({ exitCode, outOfMemory }: Container): string {
  return `ended with exit code ${exitCode}${outOfMemory ? ', for it used more memory than its container may' : ''}`;
}

/** One word or line about each service; of several containers the worst speaks. */
export function servicesOf(containers: readonly Container[]): Readonly<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const container of containers) {
    const condition = conditionOf(container);
    const { service, health, status } = container;
    if (condition !== undefined) found[service] = 'bad' in condition ? condition.bad : condition.waits;
    else found[service] ??= health === '' ? status : health;
  }
  return found;
}

/** Base URL by service: where its lowest published port is reached. `engineHost` is where the engine runs. */
export function addressesOf(containers: readonly Container[], engineHost: string): Readonly<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const { service, ports } of containers) {
    const [first] = ports;
    if (first === undefined || found[service] !== undefined) continue;
    const host = ['', '0.0.0.0', '::', '127.0.0.1', '::1'].includes(first.host) ? engineHost : first.host;
    found[service] = `http://${host.includes(':') ? `[${host}]` : host}:${first.port}`;
  }
  return found;
}

/** Commits that a container was made for; nothing readable is none. */
export function commitsOf({ labels }: Container): Commits {
  try {
    const commits: unknown = JSON.parse(labels[LABELS.commits] ?? '{}');
    if (typeof commits !== 'object' || commits === null) return {};
    return Object.fromEntries(Object.entries(commits).filter(([, commit]) => typeof commit === 'string'));
  } catch {
    return {};
  }
}

/** Commits that all containers agree on. */
export function commonCommits(containers: readonly Container[]): Commits {
  const [first, ...rest] = containers.map(commitsOf);
  const agreed = Object.entries(first ?? {}).filter(([key, commit]) => rest.every((other) => other[key] === commit));
  return Object.fromEntries(agreed);
}

/** The state of an environment by its containers alone. */
export function stateOf(containers: readonly Container[]): EnvironmentStatus['state'] {
  if (containers.length === 0) return 'absent';
  const conditions = containers.map(conditionOf);
  if (conditions.some((condition) => condition !== undefined && 'bad' in condition)) return 'sick';
  return conditions.every((condition) => condition === undefined) ? 'ready' : 'provisioning';
}

/** Host name of the engine: the worker's own unless `DOCKER_HOST` or `CONTAINER_HOST` names another. */
export function engineHost(environment: Readonly<Record<string, string>>): string {
  const url = environment['DOCKER_HOST'] ?? environment['CONTAINER_HOST'] ?? '';
  if (!/^(tcp|ssh|https?):\/\//.test(url) || !URL.canParse(url)) return '127.0.0.1';
  return new URL(url.replace(/^(tcp|ssh):/, 'http:')).hostname.replace(/^\[|\]$/g, '');
}
