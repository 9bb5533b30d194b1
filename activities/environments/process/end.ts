import { startTimeOf } from '../../process/identity.ts';
import { listenerOn, programOf } from '../../process/listener.ts';
import { stopMarked } from '../../process/marked.ts';
import { writersOf } from '../../process/open-files.ts';
import type { Started } from '../../process/table.ts';
import { EnvironmentFault } from '../errors.ts';
import { isPortTaken } from '../health.ts';
import { recordedKin } from './kin.ts';
import type { EnvironmentRecord } from './record.ts';
import { outputFile, tetherFile } from './service.ts';

const GRACE_MS = 3000;

/**
 * Ends what an environment has started: what has its mark, what was seen to descend from its services, and what can write to their
 * logs or still holds the file that they were started with.
 */
export async function endProcesses(folder: string, record: EnvironmentRecord): Promise<void> {
  const { marker, services, processes } = record;
  const files = [tetherFile(folder, marker), ...Object.keys(services).map((key) => outputFile(folder, marker, key))];
  const started = Object.values(processes).map(({ pid, startTime }) => [pid, startTime] as const);
  await stopMarked(marker, GRACE_MS, async () => {
    const writers = await writersOf(files);
    const times = writers.map(async (pid) => [pid, await startTimeOf(pid)] as const);
    return new Map([
      ...started,
      ...(await recordedKin(folder, marker)),
      ...(await Promise.all(times)),
    ]) satisfies Started;
  });
}

/** Throws EnvironmentFault when somebody may have come from an environment and listens on one of its ports after its end. */
export async function expectSilence({ name, ports, processes }: EnvironmentRecord): Promise<void> {
  for (const [key, port] of Object.entries(ports)) {
    if (!(await isPortTaken(port))) continue;
    const pid = await listenerOn(port);
    const time = pid === undefined ? undefined : await startTimeOf(pid);
    if (time !== undefined && isEarlier(time, processes[key]?.startTime)) continue;
    const who = pid === undefined ? 'a process of another user' : `process ${pid} (${await programOf(pid)})`;
    throw new EnvironmentFault('port', `"${name}" is not gone: ${who} still listens on port ${port} of "${key}"`);
  }
}

/** Both as `startTimeOf` gives them: ticks, or a date. */
function isEarlier(time: string, than: string | undefined): boolean {
  if (than === undefined) return false;
  return /^\d+$/.test(time) ? Number(time) < Number(than) : Date.parse(time) < Date.parse(than);
}
