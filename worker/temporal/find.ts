import { access, constants, mkdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { execa } from 'execa';
import lockfile from 'proper-lockfile';
import { buildTemporal } from './build.ts';
import { downloadTemporal } from './download.ts';
import { TEMPORAL_VERSION } from './version.ts';

export interface FindOptions {
  readonly path: string;
  /** Per-user cache folder; the binary is kept in a folder of its version. */
  readonly cacheDir: string;
  say(line: string): void;
}

/** No way led to a `temporal` binary; the message lists the ways and why each failed. */
export class TemporalNotFound extends Error {
  override readonly name = 'TemporalNotFound';
}

type Way = { readonly how: string; find(): Promise<string> };

/** The `temporal` binary: on PATH, in the cache, downloaded by the SDK, or built from its Go module. Concurrent callers share one result. */
export async function findTemporal(options: FindOptions): Promise<{ file: string; how: string }> {
  const target = path.join(options.cacheDir, `temporal-${TEMPORAL_VERSION}`, 'temporal');
  const quick: readonly Way[] = [
    { how: 'temporal on PATH', find: () => onPath(options.path) },
    { how: `cache (${target})`, find: () => usable(target) },
  ];
  const reasons: string[] = [];
  const found = await first(quick, reasons);
  if (found !== undefined) return found;
  await mkdir(path.dirname(target), { recursive: true });
  const release = await lockfile.lock(path.dirname(target), {
    stale: 30_000,
    update: 5000,
    retries: { forever: true, minTimeout: 200, maxTimeout: 1000 },
    onCompromised: () => undefined,
  });
  try {
    const slow: readonly Way[] = [
      { how: 'made by another process', find: () => usable(target) },
      { how: "the SDK's download", find: () => make(target, (file) => downloadTemporal(file, options)) },
      { how: 'built from its Go module', find: () => make(target, (file) => buildTemporal(file, options)) },
    ];
    const made = await first(slow, reasons);
    if (made !== undefined) return made;
  } finally {
    await release().catch(() => undefined);
  }
  const shown = reasons.filter((reason) => !reason.startsWith('made by'));
  throw new TemporalNotFound(
    [
      'No Temporal server can be found or made. What was tried:',
      ...shown.map((reason) => `  - ${reason}`),
      'Any one of these helps: set TEMPORAL_ADDRESS to a running server, put `temporal` on PATH, allow the download, or install Go 1.26 or newer.',
    ].join('\n'),
  );
}

async function first(ways: readonly Way[], reasons: string[]): Promise<{ file: string; how: string } | undefined> {
  for (const { how, find } of ways)
    try {
      return { file: await find(), how };
    } catch (error) {
      reasons.push(`${how}: ${error instanceof Error ? error.message : String(error)}`);
    }
  return undefined;
}

async function onPath(search: string): Promise<string> {
  for (const folder of search.split(path.delimiter).filter((entry) => entry !== '')) {
    const file = path.join(folder, 'temporal');
    const there = await access(file, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (there) return usable(file);
  }
  throw new Error('not there');
}

async function usable(file: string): Promise<string> {
  await access(file, constants.X_OK).catch(() => {
    throw new Error('not there');
  });
  const { exitCode } = await execa(file, ['--version'], { reject: false, timeout: 20_000, env: { TEMPORAL_ENV: '' } });
  if (exitCode !== 0) throw new Error(`${file} does not run`);
  return file;
}

/** Makes the file under another name in the same folder first: an interruption leaves no half binary behind. */
async function make(target: string, produce: (file: string) => Promise<void>): Promise<string> {
  const draft = `${target}.${process.pid}.part`;
  try {
    await produce(draft);
    await usable(draft);
    await rename(draft, target);
    return target;
  } finally {
    await rm(draft, { force: true });
  }
}
