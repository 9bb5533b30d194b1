import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { EnvironmentChoice } from '../domain/environment.ts';
import { EnvironmentFault } from './environments/errors.ts';
import type { LogMark } from './environments/index.ts';
import { lastBytes } from './environments/tool.ts';
import { folderName } from './folders.ts';
import type { Io } from './io.ts';
import type { Ports } from './ports.ts';
import { joined, shortened } from './process/kept.ts';
import type { CutText } from './process/kept.ts';
import { withoutSecrets } from './redact.ts';

const MAX_LOG_BYTES = 256 * 1024;
// Read beyond what is told: what a cut may have left of a secret, which would not be known as one, is dropped.
const READ_BYTES = 2 * MAX_LOG_BYTES;
const LONGEST_SECRET = 64 * 1024;
const MAX_BEFORE_BYTES = 4 * 1024;

type Logs = Readonly<Record<string, string>>;

interface Wish {
  readonly environment: EnvironmentChoice;
  readonly name: string;
  /** Where the window begins; without it the end of each log is wanted. */
  readonly since?: LogMark;
}

/** Begins a window of logs: what services write from now on is in it. */
export async function markLogs(ports: Ports, { environment, name }: Wish): Promise<LogMark> {
  const at = Date.now();
  const positions = await ports.environment(environment).logPositions?.(name);
  return { at, ...(positions === undefined ? {} : { positions }) };
}

/** Logs by service, without secrets, at most 256 kB each: of a longer window the middle is cut. Throws EnvironmentFault. */
export async function readLogs(ports: Ports, { environment, name, since }: Wish, io: Io): Promise<Logs> {
  const request = { name, maxBytes: READ_BYTES, ...(since === undefined ? {} : { since }) };
  const found = await ports.environment(environment).logs(request, io);
  const entries = Object.entries(found).map(([service, text]) => {
    const clean = withoutSecrets(withoutHalves(text), ports.redact);
    const told = since === undefined ? lastBytes(clean.tail, MAX_LOG_BYTES) : joined(shortened(clean, MAX_LOG_BYTES));
    return [service, told] as const;
  });
  return Object.fromEntries(entries);
}

/** Drops the lines beside a cut, or as much of them as a secret may be long. */
function withoutHalves(text: CutText): CutText {
  const { head, cut, tail } = text;
  if (cut === 0 && Buffer.byteLength(tail) < READ_BYTES - 4) return text;
  const [last, first] = [head.lastIndexOf('\n') + 1, tail.indexOf('\n') + 1];
  const kept = {
    head: cut === 0 ? head : head.slice(0, Math.max(last, head.length - LONGEST_SECRET, 0)),
    tail: tail.slice(first > 0 && first < LONGEST_SECRET ? first : LONGEST_SECRET),
  };
  const lost = Buffer.byteLength(head + tail) - Buffer.byteLength(kept.head + kept.tail);
  return { ...kept, cut: cut === 0 ? 0 : cut + lost };
}

/** What services wrote in a window. */
export interface ServiceLogs {
  readonly logs: Logs;
  /** Milliseconds since the epoch; absent where the end of each log was wanted. */
  readonly window?: { readonly from: number; readonly to: number };
}

/**
 * `readLogs` as evidence, which is not the judgement: a provider that cannot give them says so in their place. Of a service that
 * was silent in the window the last lines before it are told, marked as such.
 */
export async function serviceLogs(ports: Ports, wish: Wish, io: Io): Promise<ServiceLogs> {
  const { since } = wish;
  try {
    const logs = await readLogs(ports, wish, io);
    if (since === undefined) return { logs };
    return { logs: await withEarlier(ports, { wish, logs }, io), window: { from: since.at, to: Date.now() } };
  } catch (error) {
    if (!(error instanceof EnvironmentFault)) throw error;
    return { logs: withoutSecrets({ environment: `${error.message}\n${error.output}` }, ports.redact) };
  }
}

async function withEarlier(ports: Ports, { wish, logs }: { wish: Wish; logs: Logs }, io: Io): Promise<Logs> {
  const silent = Object.keys(logs).filter((service) => logs[service] === '');
  if (silent.length === 0) return logs;
  const { environment, name } = wish;
  const earlier = await readLogs(ports, { environment, name }, io);
  const told = silent.map((service) => {
    const last = lastBytes(earlier[service] ?? '', MAX_BEFORE_BYTES);
    return [service, `-- nothing in this time; the last lines before it: --\n${last}`] as const;
  });
  return { ...logs, ...Object.fromEntries(told) };
}

/** Writes each log to a file of the folder, after a line that tells its window; gives the files. None of `taken` is written over. */
export async function keepLogs(
  folder: string,
  { logs, window }: ServiceLogs,
  taken: readonly string[] = [],
): Promise<readonly string[]> {
  await mkdir(folder, { recursive: true });
  const [from, to] = window === undefined ? [] : [window.from, window.to].map((at) => new Date(at).toISOString());
  const title = from === undefined ? '' : `-- from ${from} to ${to} --\n`;
  const names = taken.map((file) => path.basename(file).toLowerCase());
  return Promise.all(
    Object.entries(logs).map(async ([service, text]) => {
      const file = path.join(folder, fileName(service, names));
      await writeFile(file, title + text);
      return file;
    }),
  );
}

function fileName(service: string, taken: readonly string[]): string {
  const plain = `${service}.log`;
  const isPlain = /^[a-z0-9._-]{1,100}$/.test(service) && !taken.includes(plain);
  return isPlain ? plain : `${folderName(service)}.log`;
}
