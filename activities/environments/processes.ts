import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import getPort from 'get-port';
import { tail } from '../../domain/text.ts';
import { sameCommits } from '../../domain/verdict.ts';
import type { Io } from '../io.ts';
import { findMarked, stopMarked } from '../process/marked.ts';
import { DeployFailed } from './errors.ts';
import type { DeployRequest, Deployment, EnvironmentConfig, EnvironmentProvider } from './index.ts';
import { environmentFolder, readEnvironment, removeEnvironment, writeEnvironment } from './record.ts';
import type { EnvironmentRecord } from './record.ts';
import { logFile, startService } from './service.ts';
import type { Service } from './service.ts';

const GRACE_MS = 3000;
const PORT_TRIES = 3;

/** Runs the candidate's own start commands as processes of this host, each on a free port. */
export function processes({ stateHome, environment }: EnvironmentConfig): EnvironmentProvider {
  const folderOf = (name: string): string => environmentFolder(stateHome, name);
  return {
    deploy: (request, io) => deploy({ folder: folderOf(request.name), environment }, request, io),
    logs: async (name, maxBytes) => {
      const folder = folderOf(name);
      const keys = Object.keys((await readEnvironment(folder))?.ports ?? {});
      const texts = await Promise.all(
        keys.map(async (key) => [key, tail(await readLog(folder, key), maxBytes)] as const),
      );
      return Object.fromEntries(texts);
    },
    destroy: async (name) => {
      const folder = folderOf(name);
      const record = await readEnvironment(folder);
      if (record !== undefined) await stopMarked(record.marker, GRACE_MS);
      await removeEnvironment(folder);
    },
  };
}

interface Place {
  readonly folder: string;
  readonly environment: Readonly<Record<string, string>>;
}

async function deploy(place: Place, request: DeployRequest, io: Io): Promise<Deployment> {
  const before = await readEnvironment(place.folder);
  if (before !== undefined) {
    const running = await findMarked(before.marker);
    if (before.ready && running.length > 0 && sameCommits(before.commits, request.commits)) return deployment(before);
    await stopMarked(before.marker, GRACE_MS);
    await removeEnvironment(place.folder);
  }
  for (let tries = 1; ; tries += 1) {
    try {
      return await bringUp(place, request, io);
    } catch (error) {
      const taken = error instanceof DeployFailed && /EADDRINUSE|address already in use/i.test(error.logTail);
      if (!taken || tries === PORT_TRIES) throw error;
    }
  }
}

async function bringUp({ folder, environment }: Place, request: DeployRequest, io: Io): Promise<Deployment> {
  const ports: Record<string, number> = {};
  for (const { key } of request.services) ports[key] = await getPort({ exclude: Object.values(ports) });
  const record: EnvironmentRecord = {
    name: request.name,
    commits: request.commits,
    marker: randomUUID(),
    ports,
    ready: false,
  };
  await writeEnvironment(folder, record);
  try {
    const { variables } = deployment(record);
    for (const service of request.services) {
      io.signal.throwIfAborted();
      io.progress(`starting ${service.key}`);
      const started = await startService({
        ...service,
        folder,
        marker: record.marker,
        environment: { ...environment, ...variables, PORT: String(ports[service.key]), HOST: '127.0.0.1' },
      });
      await healthy(
        {
          service: started,
          url: `http://127.0.0.1:${ports[service.key]}${service.health}`,
          folder,
          seconds: request.healthSeconds,
        },
        io,
      );
    }
  } catch (error) {
    await stopMarked(record.marker, GRACE_MS);
    throw error;
  }
  await writeEnvironment(folder, { ...record, ready: true });
  return deployment(record);
}

/** `<KEY>_URL` of every service, with all but letters and digits turned into `_`. */
function deployment({ name, commits, ports }: EnvironmentRecord): Deployment {
  const addresses = Object.fromEntries(Object.entries(ports).map(([key, port]) => [key, `http://127.0.0.1:${port}`]));
  const variables = Object.fromEntries(
    Object.entries(addresses).map(([key, url]) => [`${key.toUpperCase().replace(/[^A-Z0-9]/g, '_')}_URL`, url]),
  );
  return { name, commits, addresses, variables };
}

async function healthy(
  check: { service: Service; url: string; folder: string; seconds: number },
  io: Io,
): Promise<void> {
  const { service, url, folder, seconds } = check;
  const deadline = Date.now() + seconds * 1000;
  let last = 'no answer';
  for (;;) {
    io.signal.throwIfAborted();
    if (!(await service.alive()))
      throw new DeployFailed(service.key, 'ended before it was healthy', await readLog(folder, service.key));
    try {
      const response = await fetch(url, { signal: AbortSignal.timeout(2000), redirect: 'manual' });
      if (response.ok) return;
      last = `HTTP ${response.status}`;
    } catch (error) {
      last = error instanceof Error && error.name === 'TimeoutError' ? 'no answer in 2 s' : 'connection refused';
    }
    if (Date.now() > deadline)
      throw new DeployFailed(
        service.key,
        `was not healthy after ${seconds} s (${last} from ${new URL(url).pathname})`,
        await readLog(folder, service.key),
      );
    await wait(50);
  }
}

async function readLog(folder: string, key: string): Promise<string> {
  const text = await readFile(path.join(folder, logFile(key)), 'utf8').catch(() => '');
  return text.slice(-20_000);
}
