import type { Io } from '../../io.ts';
import type { CutText } from '../../process/kept.ts';
import { kubectl } from './cluster.ts';
import type { Cluster } from './cluster.ts';
import type { LogRequest } from '../index.ts';
import { wanted } from '../log-text.ts';
import { resourceName } from '../variables.ts';
import { serviceOf } from './objects.ts';
import type { Pod } from './objects.ts';

const LINES = 20_000;
const READ_BYTES = 16 * 1024 * 1024;

/** What is wanted of what the pods of each service wrote; a window begins at a whole second. A pod that has not started wrote nothing. */
export async function podLogs(
  cluster: Cluster,
  { pods, ...request }: LogRequest & { readonly pods: readonly Pod[] },
  io: Io,
): Promise<Readonly<Record<string, CutText>>> {
  const { name, since } = request;
  const which = since === undefined ? `--tail=${LINES}` : `--since-time=${new Date(since.at).toISOString()}`;
  const found: Record<string, { readonly text: string; readonly lost: number }> = {};
  for (const pod of pods) {
    const line: [string, ...string[]] = ['logs', pod.metadata.name, '--all-containers', which];
    const call = { namespace: resourceName(name), arguments: line, maxBytes: READ_BYTES };
    const { stdout, exitCode, cutBytes = 0 } = await kubectl(cluster, call, io);
    const service = serviceOf(pod);
    const { text, lost } = found[service] ?? { text: '', lost: 0 };
    found[service] = exitCode === 0 ? { text: text + stdout, lost: lost + cutBytes } : { text, lost };
  }
  return Object.fromEntries(
    Object.entries(found).map(([service, { text, lost }]) => [service, wanted(text, request, lost)]),
  );
}
