import { existsSync } from 'node:fs';
import path from 'node:path';
import type { Io } from '../../io.ts';
import type { Rollout } from './deploy.ts';
import { running } from './look.ts';
import { MARKS } from './objects.ts';
import { clusterFault, failure, kubectl, noted } from './cluster.ts';
import { callTool } from '../tool.ts';
import { fillIn } from '../variables.ts';

const RELEASE = 'candidate';

/** Installs or upgrades the project's chart, if it names one, and marks the pods of its workloads with the commits. */
export async function installChart(rollout: Rollout, io: Io): Promise<void> {
  const { cluster, namespace, folder, variables } = rollout;
  const { chart, context, seconds } = cluster.settings;
  if (chart === undefined) return;
  io.progress(`helm upgrade in ${namespace}`);
  const here = path.resolve(folder, chart.path);
  const call = {
    what: '"helm upgrade"',
    file: 'helm',
    arguments: [
      ...['upgrade', RELEASE, existsSync(here) ? here : chart.path, '--install', '--namespace', namespace],
      ...(context === undefined ? [] : ['--kube-context', context]),
      ...chart.values.flatMap((file) => ['--values', path.resolve(folder, file)]),
      ...Object.entries(chart.set).flatMap(([key, value]) => [
        '--set-string',
        `${key}=${escape(fillIn(value, variables))}`,
      ]),
    ],
    cwd: folder,
    environment: { ...cluster.environment, ...variables },
    seconds,
    ...noted(cluster),
  };
  const result = await callTool(call, io);
  if (result.exitCode !== 0) throw failure('helm upgrade', result, clusterFault(result.output));
  await markWorkloads(rollout, io);
}

// Helm takes a comma as the start of the next value.
function escape(value: string): string {
  return value.replace(/[\\,]/g, (character) => `\\${character}`);
}

/** Writes the commits on the pod templates of workloads that lack them, which makes new pods. */
async function markWorkloads({ cluster, namespace, request }: Rollout, io: Io): Promise<void> {
  const annotations = { [MARKS.commits]: JSON.stringify(request.commits) };
  const patch = JSON.stringify({ spec: { template: { metadata: { annotations } } } });
  for (const { kind, metadata } of (await running(cluster, request.name, io)).workloads) {
    const target = `${kind.toLowerCase()}/${metadata.name}`;
    const result = await kubectl(
      cluster,
      { namespace, arguments: ['patch', target, '--type', 'merge', '--patch', patch] },
      io,
    );
    if (result.exitCode !== 0) throw failure('kubectl patch', result, clusterFault(result.output));
  }
}
