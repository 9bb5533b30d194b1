import { readFileSync } from 'node:fs';
import { readFile, readdir } from 'node:fs/promises';
import { setImmediate as turn, setTimeout as wait } from 'node:timers/promises';
import { execa } from 'execa';
import { startTimeOf } from './identity.ts';
import { processTable, withKin } from './table.ts';
import type { Started } from './table.ts';

/** Environment variable that every process of a job inherits, also those that leave its process group. */
export const MARKER = 'SPEC_TO_PR_JOB';

const POLL_MS = 50;
/** So many processes are looked at before other work gets its turn. */
const AT_ONCE = 500;
const WRAPPERS = new Set(['bwrap']);

/** Pids of the live processes whose environment holds `MARKER=marker`, or a mark that adds a dot and more to it. */
export async function findMarked(marker: string): Promise<readonly number[]> {
  return process.platform === 'linux' ? searchProc(`${MARKER}=${marker}`) : searchPs(`${MARKER}=${marker}`);
}

/** Finds processes of a job in another way than by their mark: when they started, by pid. */
export type Trace = () => Promise<Started>;

/**
 * Ends all of them, what `trace` finds, and all that descends from either: SIGTERM, up to `graceMs` to comply, SIGKILL until none is
 * left. Then their ports and files are closed, too, and what was hidden in a sandbox is gone with it.
 */
export async function stopMarked(marker: string, graceMs: number, trace?: Trace): Promise<void> {
  const deadline = Date.now() + graceMs;
  const find = async (before: Started): Promise<Started> => {
    // The mark of a process that ends cannot be read any more while it still holds its ports.
    const known = new Map([...before, ...(await started(await findMarked(marker)))]);
    return known.size === 0 ? known : withKin(await processTable(), known);
  };
  let known = await find((await trace?.()) ?? new Map());
  signalAll(await withoutWrappers(await living(known)), 'SIGTERM');
  for (;;) {
    known = await find(known);
    let left = await living(known);
    if (left.length === 0) {
      known = (await trace?.()) ?? new Map();
      left = await living(known);
    }
    if (left.length === 0) break;
    if (Date.now() >= deadline || (await withoutWrappers(left)).length === 0) signalAll(left, 'SIGKILL');
    await wait(POLL_MS);
  }
}

async function started(pids: readonly number[]): Promise<Started> {
  return new Map(await Promise.all(pids.map(async (pid) => [pid, await startTimeOf(pid)] as const)));
}

async function living(known: Started): Promise<readonly number[]> {
  const now = await started([...known.keys()]);
  return [...known].filter(([pid, time]) => time !== undefined && now.get(pid) === time).map(([pid]) => pid);
}

/** A sandbox's own processes, ended first, would take along what runs in it without a grace; ended last, they take what is hidden in it. */
async function withoutWrappers(pids: readonly number[]): Promise<readonly number[]> {
  const names = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/comm`, 'utf8').catch(() => '')));
  return pids.filter((_, index) => !WRAPPERS.has(names[index]?.trim() ?? ''));
}

function signalAll(pids: readonly number[], signal: NodeJS.Signals): void {
  for (const pid of pids) {
    try {
      process.kill(pid, signal);
    } catch {
      continue;
    }
  }
}

// Read at once, not by the thread pool: these files wait for no disk, and for each of hundreds of processes the detour costs ten times as much.
async function searchProc(entry: string): Promise<readonly number[]> {
  const found: number[] = [];
  for (const [index, name] of (await readdir('/proc')).entries()) {
    if (index % AT_ONCE === AT_ONCE - 1) await turn();
    const pid = Number(name);
    if (!Number.isInteger(pid) || pid === process.pid) continue;
    const variables = environmentOf(pid).split('\0');
    if (variables.some((variable) => variable === entry || variable.startsWith(`${entry}.`))) found.push(pid);
  }
  return found;
}

function environmentOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'utf8');
  } catch {
    return '';
  }
}

async function searchPs(entry: string): Promise<readonly number[]> {
  const { stdout } = await execa('ps', ['-axEww', '-o', 'pid=,command='], {
    reject: false,
    maxBuffer: 64 * 1024 * 1024,
  });
  return stdout
    .split('\n')
    .filter((line) => line.includes(` ${entry}`))
    .map((line) => Number.parseInt(line, 10))
    .filter((pid) => pid !== process.pid);
}
