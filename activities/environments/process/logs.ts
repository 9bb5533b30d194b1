import { readFile, stat } from 'node:fs/promises';
import type { CutText } from '../../process/kept.ts';
import type { LogMark, LogRequest } from '../index.ts';
import { wantedOfFile } from '../log-text.ts';
import { droppedFile, timesFile } from './kin.ts';
import { readEnvironment } from './record.ts';
import type { EnvironmentRecord } from './record.ts';
import { outputFile } from './service.ts';

// Positions count from the first byte that a service ever wrote, also when its log has lost its older part since.

/** What a request wants of each service's log. */
export async function logsOf(folder: string, request: LogRequest): Promise<Readonly<Record<string, CutText>>> {
  return eachService(folder, async (record, key) => {
    const dropped = await droppedOf(folder, record, key);
    const from = await startOf({ folder, record, key }, request.since);
    return wantedOfFile(outputFile(folder, record.marker, key), request, Math.max(0, from - dropped));
  });
}

/** Where each service's log ends now. */
export async function positionsOf(folder: string): Promise<Readonly<Record<string, number>>> {
  return eachService(folder, endOf(folder));
}

const endOf =
  (folder: string) =>
  async (record: EnvironmentRecord, key: string): Promise<number> => {
    const size = await stat(outputFile(folder, record.marker, key)).then(
      (file) => file.size,
      () => 0,
    );
    return size + (await droppedOf(folder, record, key));
  };

async function eachService<T>(
  folder: string,
  tell: (record: EnvironmentRecord, key: string) => Promise<T>,
): Promise<Readonly<Record<string, T>>> {
  const record = await readEnvironment(folder);
  if (record === undefined) return {};
  const keys = Object.keys(record.ports);
  return Object.fromEntries(await Promise.all(keys.map(async (key) => [key, await tell(record, key)] as const)));
}

async function droppedOf(folder: string, { marker }: EnvironmentRecord, key: string): Promise<number> {
  const text = await readFile(droppedFile(folder, marker, key), 'utf8').catch(() => '');
  return Number.parseInt(text, 10) || 0;
}

interface One {
  readonly folder: string;
  readonly record: EnvironmentRecord;
  readonly key: string;
}

/** Where the window begins: by the mark, else by the sizes that were noted each second. An environment that was made since is whole in it. */
async function startOf({ folder, record, key }: One, since: LogMark | undefined): Promise<number> {
  if (since === undefined) return 0;
  const marked = since.positions?.[key];
  if (marked !== undefined) return marked <= (await endOf(folder)(record, key)) ? marked : 0;
  const text = await readFile(timesFile(folder, record.marker, key), 'utf8').catch(() => '');
  const noted = text
    .trimEnd()
    .split('\n')
    .map((line) => line.split(' ').map(Number));
  // A note is of some moment in its second.
  const before = noted.findLast(([second = 0, bytes]) => bytes !== undefined && (second + 1) * 1000 <= since.at);
  return before?.[1] ?? 0;
}
