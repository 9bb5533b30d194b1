import { setTimeout as wait } from 'node:timers/promises';
import type { KubernetesSettings } from '../../../domain/environment.ts';
import type { Io } from '../../io.ts';
import type { CutText } from '../../process/kept.ts';
import type { CommandResult } from '../../process/run-command.ts';
import { rollOut } from './deploy.ts';
import { look, namespaceState, running } from './look.ts';
import { podLogs } from './logs.ts';
import { MARKS, listObject, namespaceObject, serviceOf } from './objects.ts';
import { demandKubectl, kubectl, readKubectl } from './cluster.ts';
import type { Cluster } from './cluster.ts';
import { EnvironmentAbsent, EnvironmentFault, ProviderTimedOut, ServiceUnknown } from '../errors.ts';
import type { DeployRequest, Deployment, EnvironmentConfig, EnvironmentEntry, EnvironmentProvider } from '../index.ts';
import type { ExecRequest, LogRequest, ProvisionRequest } from '../index.ts';
import { callFile, hasNote, noteOf, notesRoot, removeNote, writeNote } from '../notes.ts';
import { runsAll } from '../readiness.ts';
import { namedVariables } from '../tool.ts';
import { endUnfinished } from '../unfinished.ts';
import { addressVariables, requestVariables, resourceName } from '../variables.ts';

const POLL_MS = 500;

/** A namespace for each environment, filled by kubectl and helm. */
export function kubernetes(config: EnvironmentConfig, settings: KubernetesSettings): EnvironmentProvider {
  const root = notesRoot(config.stateHome, 'kubernetes');
  const open = (): Cluster => ({
    settings,
    environment: { ...config.toolEnvironment, ...namedVariables(settings.env, config.secret) },
  });
  const openToChange = async (name: string): Promise<Changing> => {
    const noteIn = callFile(root, name);
    await endUnfinished(noteIn);
    return { ...open(), noteIn, root };
  };
  return {
    provision: async (request, io) => {
      const cluster = await openToChange(request.name);
      await makeNamespace(cluster, request, io);
      return look(cluster, { name: request.name, variables: requestVariables(request) }, io);
    },
    deploy: async (request, io) => deploy(await openToChange(request.name), request, io),
    status: async (name, io) => look(open(), { name, variables: variablesOf(name) }, io),
    logs: async (request, io) => logs(open(), request, io),
    exec: async (request, io) => exec(open(), request, io),
    list: async (io) => list(open(), io),
    destroy: async (name, io) => {
      await destroy(await openToChange(name), name, io);
      await removeNote(root, name);
    },
    hasBegun: (name) => hasNote(root, name),
  };
}

function variablesOf(name: string): Readonly<Record<string, string>> {
  return requestVariables({ name, owner: '', commits: {}, directories: {} });
}

/** A cluster that is changed, and the folder of the notes. */
type Changing = Cluster & { readonly root: string };

async function deploy(cluster: Changing, request: DeployRequest, io: Io): Promise<Deployment> {
  const { name, commits } = request;
  const before = await look(cluster, { name, variables: requestVariables(request) }, io);
  const same = Object.keys(before.commits).length === Object.keys(commits).length && runsAll(commits, before.commits);
  if (before.state === 'ready' && same) {
    const { addresses } = before;
    return { name, commits, addresses, variables: addressVariables(addresses) };
  }
  await makeNamespace(cluster, request, io);
  return rollOut(cluster, request, io);
}

async function makeNamespace(cluster: Changing, request: ProvisionRequest, io: Io): Promise<void> {
  const { name, owner } = request;
  const state = await namespaceState(cluster, name, io);
  if (state === 'foreign') throw foreign(name);
  if (state === 'terminating') await untilGone(cluster, name, io);
  await writeNote(cluster.root, noteOf(request));
  io.progress(`namespace ${resourceName(name)}`);
  const metadata = {
    name: resourceName(name),
    labels: { [MARKS.managed]: MARKS.product, [MARKS.environment]: resourceName(name) },
    annotations: { [MARKS.name]: name, [MARKS.owner]: owner },
  };
  const input = JSON.stringify({ apiVersion: 'v1', kind: 'Namespace', metadata });
  await demandKubectl(cluster, { arguments: ['apply', '--filename', '-'], input }, io);
}

function foreign(name: string): Error {
  return new EnvironmentFault('provider', `namespace ${resourceName(name)} is there and is not ours`);
}

async function logs(cluster: Cluster, request: LogRequest, io: Io): Promise<Readonly<Record<string, CutText>>> {
  const { name } = request;
  if ((await namespaceState(cluster, name, io)) !== 'active') return {};
  const { pods } = await running(cluster, name, io);
  return podLogs(cluster, { ...request, pods }, io);
}

async function exec(cluster: Cluster, { name, service, run, seconds }: ExecRequest, io: Io): Promise<CommandResult> {
  if ((await namespaceState(cluster, name, io)) !== 'active') throw new EnvironmentAbsent(name);
  const pods = (await running(cluster, name, io)).pods.filter(({ status }) => status.phase === 'Running');
  const pod = pods.find((one) => serviceOf(one) === service);
  if (pod === undefined) throw new ServiceUnknown(name, service, [...new Set(pods.map(serviceOf))]);
  const line = ['exec', pod.metadata.name, '--', '/bin/sh', '-c', run] as const;
  return kubectl(cluster, { namespace: resourceName(name), arguments: [...line], seconds }, io);
}

async function list(cluster: Cluster, io: Io): Promise<readonly EnvironmentEntry[]> {
  const selector = `${MARKS.managed}=${MARKS.product}`;
  const read = await readKubectl(
    cluster,
    { arguments: ['get', 'namespaces', '--selector', selector, '--output', 'json'] },
    io,
  );
  const items = listObject.safeParse(read).data?.items ?? [];
  return items.flatMap((item) => {
    const { annotations } = namespaceObject.safeParse(item).data?.metadata ?? {};
    const name = annotations?.[MARKS.name];
    return name === undefined ? [] : [{ name, owner: annotations?.[MARKS.owner] ?? '' }];
  });
}

async function destroy(cluster: Cluster, name: string, io: Io): Promise<void> {
  const state = await namespaceState(cluster, name, io);
  if (state === 'foreign') throw foreign(name);
  if (state === 'absent') return;
  const line = ['delete', 'namespace', resourceName(name), '--ignore-not-found', '--wait=false'] as const;
  await demandKubectl(cluster, { arguments: [...line] }, io);
  await untilGone(cluster, name, io);
}

async function untilGone(cluster: Cluster, name: string, io: Io): Promise<void> {
  const { seconds } = cluster.settings;
  const deadline = Date.now() + seconds * 1000;
  while ((await namespaceState(cluster, name, io)) !== 'absent') {
    io.signal.throwIfAborted();
    if (Date.now() >= deadline) throw new ProviderTimedOut(`the end of namespace ${resourceName(name)}`, seconds);
    io.progress(`waiting for the end of ${resourceName(name)}`);
    await wait(POLL_MS, undefined, { signal: io.signal }).catch(() => undefined);
  }
}
