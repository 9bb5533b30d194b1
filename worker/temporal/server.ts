import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { execa } from 'execa';
import getPort from 'get-port';
import { startTimeOf } from '../../activities/process/identity.ts';
import { endProcess, readProcess, writeProcess } from '../processes/record.ts';
import type { ProcessRecord } from '../processes/record.ts';
import { inTurn, lastLine, startDetached } from '../processes/start.ts';
import { attributeFlags, tuningFlags } from './flags.ts';
import { TEMPORAL_VERSION } from './version.ts';

/** The embedded server as recorded in `<state folder>/server.json`. */
export interface ServerRecord extends ProcessRecord {
  readonly address: string;
  readonly ui: string;
  readonly database: string;
}

const RETENTION = '2160h';
const START_MS = 60_000;

const serverFile = (home: string): string => path.join(home, 'server.json');

/** The embedded server if it runs. */
export function runningServer(home: string): Promise<ServerRecord | undefined> {
  return readProcess<ServerRecord>(serverFile(home));
}

/** Starts the embedded server, detached, unless it runs already: two callers at once get the same one. */
export async function startServer(
  home: string,
  binary: () => Promise<string>,
): Promise<{ server: ServerRecord; started: boolean }> {
  return inTurn(home, 'server', async () => {
    const running = await runningServer(home);
    if (running !== undefined) return { server: running, started: false };
    return { server: await launch(home, await binary()), started: true };
  });
}

/** Ends it; its database stays. False when none ran. */
export function stopServer(home: string): Promise<boolean> {
  return endProcess(serverFile(home), 10_000);
}

async function launch(home: string, binary: string): Promise<ServerRecord> {
  const port = await getPort({ port: [7233, 7234, 7235, 7236] });
  const uiPort = await getPort({ port: [8233, 8234, 8235, 8236], exclude: [port] });
  const metricsPort = await getPort({ exclude: [port, uiPort] });
  const database = path.join(home, `temporal-${TEMPORAL_VERSION}.db`);
  const log = path.join(home, 'server.log');
  const started = await startDetached({
    file: binary,
    arguments: [
      ...['server', 'start-dev', '--ip', '127.0.0.1', '--port', String(port)],
      ...['--ui-port', String(uiPort), '--metrics-port', String(metricsPort)],
      ...['--db-filename', database, '--log-level', 'error', '--ui-disable-news-fetch', ...tuningFlags],
      ...attributeFlags.flatMap((flag) => ['--search-attribute', flag]),
    ],
    environment: { HOME: home },
    log,
  });
  const record = { ...started, address: `127.0.0.1:${port}`, ui: `http://127.0.0.1:${uiPort}`, database };
  await writeProcess(serverFile(home), record);
  await prepare({ binary, log, record });
  return record;
}

/** Waits until it answers, then sets what its database has to know: how long closed runs are kept, and the search attributes. */
async function prepare({ binary, log, record }: { binary: string; log: string; record: ServerRecord }): Promise<void> {
  const temporal = (...args: string[]) =>
    execa(binary, [...args, '--address', record.address, '--command-timeout', '10s'], {
      reject: false,
      env: { TEMPORAL_ENV: '' },
    });
  const deadline = Date.now() + START_MS;
  while ((await temporal('operator', 'namespace', 'describe', '-n', 'default')).exitCode !== 0) {
    const alive = (await startTimeOf(record.pid)) === record.startTime;
    if (!alive || Date.now() > deadline)
      throw new Error(`the Temporal server ${alive ? 'does not answer' : 'ended at once'}: ${await lastLine(log)}`);
    await wait(100);
  }
  await temporal('operator', 'namespace', 'update', '-n', 'default', '--retention', RETENTION);
  const names = attributeFlags.map((flag) => flag.split('='));
  const listed = await temporal('operator', 'search-attribute', 'list', '-o', 'json');
  for (const [name = '', type = ''] of names)
    if (!listed.stdout.includes(`"${name}"`))
      await temporal('operator', 'search-attribute', 'create', '--name', name, '--type', type);
}
