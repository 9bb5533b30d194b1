import { readFile, readdir } from 'node:fs/promises';
import { execa } from 'execa';

/** A live process. `session` is 0 where the system does not tell. */
export interface ProcessRow {
  readonly pid: number;
  readonly parent: number;
  readonly group: number;
  readonly session: number;
  /** As `startTimeOf` gives it. */
  readonly startTime: string;
}

/** Start times by pid. */
export type Started = ReadonlyMap<number, string | undefined>;

/** All live processes of this host. */
export async function processTable(): Promise<readonly ProcessRow[]> {
  return process.platform === 'linux' ? fromProc() : fromPs();
}

/** `known`, with all that descend from those of them that live, and the members of the groups and sessions that these lead. */
export function withKin(table: readonly ProcessRow[], known: Started): Started {
  const kin = new Map(known);
  const living = new Set(table.filter((row) => known.get(row.pid) === row.startTime).map(({ pid }) => pid));
  for (let before = -1; before !== living.size;) {
    before = living.size;
    for (const { pid, parent, group, session, startTime } of table) {
      if (pid === process.pid || living.has(pid)) continue;
      if (![parent, group, session].some((leader) => living.has(leader))) continue;
      living.add(pid);
      kin.set(pid, startTime);
    }
  }
  return kin;
}

async function fromProc(): Promise<readonly ProcessRow[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const stats = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')));
  return stats.flatMap((stat, index) => {
    const [state, parent, group, session, ...rest] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const startTime = rest[15];
    if (startTime === undefined || state === 'Z' || state === 'X') return [];
    return [
      { pid: Number(pids[index]), parent: Number(parent), group: Number(group), session: Number(session), startTime },
    ];
  });
}

async function fromPs(): Promise<readonly ProcessRow[]> {
  const columns = ['pid', 'ppid', 'pgid', 'stat', 'lstart'].flatMap((name) => ['-o', `${name}=`]);
  const options = { reject: false, env: PS_ENVIRONMENT, maxBuffer: 64 * 1024 * 1024 } as const;
  const { stdout } = await execa('ps', ['-A', ...columns], options);
  return stdout.split('\n').flatMap((line) => {
    const [pid, parent, group, state, ...startTime] = line.trim().split(/\s+/);
    if (startTime.length === 0 || state === undefined || state.startsWith('Z')) return [];
    const numbers = { pid: Number(pid), parent: Number(parent), group: Number(group), session: 0 };
    return [{ ...numbers, startTime: startTime.join(' ') }];
  });
}

/** What makes `ps` write a start time the same way for everyone. */
export const PS_ENVIRONMENT = { LC_ALL: 'C', TZ: 'UTC' } as const;
