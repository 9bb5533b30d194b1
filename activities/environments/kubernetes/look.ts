import type { Commits } from '../../../domain/ids.ts';
import type { Io } from '../../io.ts';
import { addressesOf, conditionOf, namespaceObject, MARKS, RUNNING_KINDS, runningOf, serviceOf } from './objects.ts';
import type { Pod, Running } from './objects.ts';
import { readKubectl } from './cluster.ts';
import type { Cluster } from './cluster.ts';
import { ProviderOutputInvalid } from '../errors.ts';
import type { EnvironmentStatus } from '../index.ts';
import { healthOf } from '../readiness.ts';
import { fillIn, resourceName } from '../variables.ts';

/** `absent`, `foreign` when it is not this product's, else its phase. */
export async function namespaceState(
  cluster: Cluster,
  name: string,
  io: Io,
): Promise<'absent' | 'foreign' | 'active' | 'terminating'> {
  const call = ['get', 'namespace', resourceName(name), '--ignore-not-found', '--output', 'json'] as const;
  const read = await readKubectl(cluster, { arguments: [...call] }, io);
  if (read === undefined) return 'absent';
  const result = namespaceObject.safeParse(read);
  if (!result.success) throw new ProviderOutputInvalid('"kubectl get"', 'printed no namespace');
  const { metadata, status } = result.data;
  if (metadata.labels[MARKS.managed] !== MARKS.product) return 'foreign';
  return status.phase === 'Terminating' || metadata.deletionTimestamp !== undefined ? 'terminating' : 'active';
}

/** What runs in the namespace of an environment. */
export async function running(cluster: Cluster, name: string, io: Io): Promise<Running> {
  const call = ['get', RUNNING_KINDS, '--output', 'json'] as const;
  return runningOf(await readKubectl(cluster, { namespace: resourceName(name), arguments: [...call] }, io));
}

/** Addresses that the project names, before those that the cluster has. */
export function addresses(
  { settings }: Cluster,
  found: Running,
  variables: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  const named = Object.entries(settings.urls).map(([service, url]) => [service, fillIn(url, variables)]);
  return { ...addressesOf(found), ...Object.fromEntries(named) };
}

/** The environment as the cluster has it. `urls` can use name, id and slug here, since no commit is asked for. */
export async function look(
  cluster: Cluster,
  { name, variables }: { name: string; variables: Readonly<Record<string, string>> },
  io: Io,
): Promise<EnvironmentStatus> {
  const nothing = { name, commits: {}, addresses: {}, services: {} };
  const namespace = await namespaceState(cluster, name, io);
  if (namespace === 'absent' || namespace === 'foreign') return { ...nothing, state: 'absent' };
  if (namespace === 'terminating') return { ...nothing, state: 'deprovisioning' };
  const found = await running(cluster, name, io);
  const places = addresses(cluster, found, variables);
  const seen = { name, commits: commonCommits(found.pods), addresses: places };
  const services = servicesOf(found.pods);
  const state = stateOf(found.pods);
  if (state !== 'ready') return { ...seen, services, state };
  const asked = await healthOf({ addresses: places, health: cluster.settings.health });
  const well = Object.values(asked).every((what) => what === 'healthy');
  return { ...seen, services: { ...services, ...asked }, state: well ? 'ready' : 'sick' };
}

function stateOf(pods: readonly Pod[]): EnvironmentStatus['state'] {
  if (pods.length === 0) return 'provisioning';
  const conditions = pods.map(conditionOf);
  if (conditions.some((condition) => condition !== undefined && 'bad' in condition)) return 'sick';
  return conditions.every((condition) => condition === undefined) ? 'ready' : 'provisioning';
}

function servicesOf(pods: readonly Pod[]): Readonly<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const pod of pods) {
    const condition = conditionOf(pod);
    const service = serviceOf(pod);
    if (condition !== undefined) found[service] = 'bad' in condition ? condition.bad : condition.waits;
    else found[service] ??= pod.status.phase === 'Succeeded' ? 'done' : 'ready';
  }
  return found;
}

/** Commits that a pod was made for; nothing readable is none. */
export function commitsOf({ metadata }: Pod): Commits {
  try {
    const commits: unknown = JSON.parse(metadata.annotations[MARKS.commits] ?? '{}');
    if (typeof commits !== 'object' || commits === null) return {};
    return Object.fromEntries(Object.entries(commits).filter(([, commit]) => typeof commit === 'string'));
  } catch {
    return {};
  }
}

function commonCommits(pods: readonly Pod[]): Commits {
  const [first, ...rest] = pods.map(commitsOf);
  const agreed = Object.entries(first ?? {}).filter(([key, commit]) => rest.every((other) => other[key] === commit));
  return Object.fromEntries(agreed);
}
