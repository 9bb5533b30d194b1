import { readFile, readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { markManifests } from '../../../formats/manifests.ts';
import type { Io } from '../../io.ts';
import { addresses, commitsOf, running } from './look.ts';
import { podLogs } from './logs.ts';
import { MARKS, conditionOf, serviceOf } from './objects.ts';
import type { Pod } from './objects.ts';
import { clusterFault, failure, kubectl, noted } from './cluster.ts';
import type { Cluster, KubectlCall } from './cluster.ts';
import { DeployFailed, hostFaultOf } from '../errors.ts';
import { installChart } from './helm.ts';
import type { DeployRequest, Deployment } from '../index.ts';
import { expectCommits, untilHealthy } from '../readiness.ts';
import { callShell } from '../tool.ts';
import { addressVariables, fillIn, requestVariables, resourceName } from '../variables.ts';

const POLL_MS = 500;
const SLICE_SECONDS = 5;
const APPLY_SECONDS = 300;
const LOG_BYTES = 20_000;

/** One bringing up of a candidate in its namespace. */
export interface Rollout {
  readonly cluster: Cluster;
  readonly request: DeployRequest;
  readonly namespace: string;
  /** Folder that manifests and charts are in. */
  readonly folder: string;
  /** What `${NAME}` stands for. */
  readonly variables: Readonly<Record<string, string>>;
  readonly deadline: number;
}

/** Builds, applies and installs what the project names; returns when all pods run the candidate's commits and are ready. */
export async function rollOut(cluster: Cluster, request: DeployRequest, io: Io): Promise<Deployment> {
  const { settings } = cluster;
  const { name, commits, directories, healthSeconds } = request;
  const { repository, directory } = settings;
  const rollout: Rollout = {
    cluster,
    request,
    namespace: resourceName(name),
    folder: repository === undefined ? directory : (directories[repository] ?? directory),
    variables: requestVariables(request),
    deadline: Date.now() + settings.seconds * 1000,
  };
  await build(rollout, io);
  await apply(rollout, io);
  await installChart(rollout, io);
  const pods = await untilRolledOut(rollout, io);
  for (const pod of pods) {
    const seen = commitsOf(pod);
    const runs = Object.fromEntries(Object.keys(commits).map((key) => [key, seen[key] ?? '']));
    expectCommits({ where: `pod "${pod.metadata.name}"`, wanted: commits, runs });
  }
  const places = addresses(cluster, await running(cluster, name, io), rollout.variables);
  const logOf = (service: string): Promise<string> => logTail(rollout, { pods, service }, io);
  await untilHealthy({ addresses: places, health: settings.health, seconds: healthSeconds, logOf }, io);
  return { name, commits, addresses: places, variables: addressVariables(places) };
}

async function build({ cluster, folder, variables }: Rollout, io: Io): Promise<void> {
  const { settings, environment } = cluster;
  if (settings.build === undefined) return;
  io.progress('building images');
  const all = { ...environment, ...variables };
  const call = { what: '"build"', run: settings.build, directory: folder, environment: all, seconds: settings.seconds };
  const result = await callShell({ ...call, ...noted(cluster) }, io);
  if (result.exitCode !== 0) throw failure('build', result, hostFaultOf(result.output));
}

async function apply(rollout: Rollout, io: Io): Promise<void> {
  const { cluster, namespace, request } = rollout;
  const objects = await manifestsOf(rollout);
  if (objects.length === 0) return;
  io.progress(`applying ${objects.length} objects in ${namespace}`);
  const list = (items: readonly unknown[]): string => JSON.stringify({ apiVersion: 'v1', kind: 'List', items });
  const replaced = objects.filter((object) => ['Job', 'Pod'].includes(kindOf(object)));
  const remove: KubectlCall = {
    arguments: ['delete', '--filename', '-', '--ignore-not-found', '--wait=true'],
    input: list(replaced),
  };
  const selector = `${MARKS.environment}=${resourceName(request.name)}`;
  const put: KubectlCall = {
    arguments: ['apply', '--filename', '-', '--prune', '--selector', selector],
    input: list(objects),
  };
  for (const call of replaced.length === 0 ? [put] : [remove, put]) {
    const result = await kubectl(cluster, { ...call, namespace, seconds: APPLY_SECONDS }, io);
    if (result.exitCode !== 0) throw failure(`kubectl ${call.arguments[0]}`, result, clusterFault(result.output));
  }
}

const kindOf = (object: unknown): string =>
  typeof object === 'object' && object !== null && 'kind' in object ? String(object.kind) : '';

async function manifestsOf({ cluster, folder, request, variables }: Rollout): Promise<readonly unknown[]> {
  const labels = { [MARKS.managed]: MARKS.product, [MARKS.environment]: resourceName(request.name) };
  const annotations = { [MARKS.commits]: JSON.stringify(request.commits) };
  const objects: unknown[] = [];
  for (const file of await filesOf(folder, cluster.settings.manifests)) {
    const read = markManifests(fillIn(await readFile(file, 'utf8'), variables), { labels, annotations });
    if ('problem' in read)
      throw new DeployFailed('environment', `cannot be made: ${path.relative(folder, file)} ${read.problem}`, '');
    objects.push(...read.objects);
  }
  return objects;
}

async function filesOf(folder: string, names: readonly string[]): Promise<readonly string[]> {
  const files: string[] = [];
  for (const name of names) {
    const full = path.resolve(folder, name);
    const found = await stat(full).catch(() => undefined);
    if (found === undefined) throw new DeployFailed('environment', `cannot be made: there is no "${name}"`, '');
    if (!found.isDirectory()) files.push(full);
    else
      for (const entry of (await readdir(full)).toSorted())
        if (/\.(ya?ml|json)$/.test(entry)) files.push(path.join(full, entry));
  }
  return files;
}

/** Waits for every workload by `rollout status`, in slices, so that a pod without hope ends the wait at once. */
async function untilRolledOut(rollout: Rollout, io: Io): Promise<readonly Pod[]> {
  const { cluster, namespace, request } = rollout;
  for (;;) {
    io.signal.throwIfAborted();
    const { pods, workloads } = await running(cluster, request.name, io);
    await expectHope(rollout, pods, io);
    let waiting: { readonly service: string; readonly why: string } | undefined;
    for (const { kind, metadata } of workloads) {
      const target = `${kind.toLowerCase()}/${metadata.name}`;
      const call: KubectlCall = { namespace, arguments: ['rollout', 'status', target, `--timeout=${SLICE_SECONDS}s`] };
      const { exitCode } = await kubectl(cluster, call, io);
      if (exitCode !== 0) waiting ??= { service: metadata.name, why: 'is not rolled out' };
    }
    const pending = pods.find((pod) => conditionOf(pod) !== undefined);
    if (pending !== undefined) waiting ??= { service: serviceOf(pending), why: 'is not ready' };
    if (waiting === undefined) return settled(rollout, io);
    const { service, why } = waiting;
    if (Date.now() >= rollout.deadline)
      throw new DeployFailed(
        service,
        `${why} after ${cluster.settings.seconds} s`,
        await logTail(rollout, { pods, service }, io),
      );
    io.progress(`waiting for ${service}`);
    await wait(POLL_MS, undefined, { signal: io.signal }).catch(() => undefined);
  }
}

async function settled(rollout: Rollout, io: Io): Promise<readonly Pod[]> {
  const { pods } = await running(rollout.cluster, rollout.request.name, io);
  if (pods.length === 0) throw new DeployFailed('environment', 'has no pod after it was rolled out', '');
  await expectHope(rollout, pods, io);
  return pods;
}

async function expectHope(rollout: Rollout, pods: readonly Pod[], io: Io): Promise<void> {
  for (const pod of pods) {
    const condition = conditionOf(pod);
    if (condition === undefined || !('bad' in condition)) continue;
    const service = serviceOf(pod);
    throw new DeployFailed(service, condition.bad, await logTail(rollout, { pods, service }, io));
  }
}

async function logTail(
  { cluster, request }: Rollout,
  { pods, service }: { pods: readonly Pod[]; service: string },
  io: Io,
): Promise<string> {
  const own = pods.filter((pod) => serviceOf(pod) === service);
  return (await podLogs(cluster, { name: request.name, pods: own, maxBytes: LOG_BYTES }, io))[service]?.tail ?? '';
}
