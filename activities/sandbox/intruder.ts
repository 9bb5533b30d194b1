import { execFileSync, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { homedir } from 'node:os';
import path from 'node:path';

/** What the intruder is told on its standard input: where to look, and what it must not find. Paths are absolute. */
export interface Errand {
  /** A secret of the worker that is in none of the intruder's own arguments and variables. */
  readonly canary: string;
  /** Files of the host that hold the canary. */
  readonly secrets: readonly string[];
  /** Folders that are private to the user or the worker. */
  readonly closed: readonly string[];
  /** A file that must not come to be. */
  readonly outside: string;
  /** A process of the host. */
  readonly pid: number;
  /** A server on the host's 127.0.0.1. */
  readonly port: number;
  /** Seconds that the processes it leaves behind sleep: the first keeps its environment, the second has none. */
  readonly sleeps: readonly [number, number];
  /** What a filter of its repository runs when somebody commits its work. */
  readonly trap: string;
}

/** What it got hold of, a word or path for each success. */
export type Loot = Readonly<
  Record<'environment' | 'processList' | 'files' | 'closed' | 'outside' | 'processes' | 'network', readonly string[]>
>;

const attempt = (act: () => void): boolean => {
  try {
    act();
    return true;
  } catch {
    return false;
  }
};

function text(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

/** The variables that a command gets which a session starts. */
function variables({ canary }: Errand): readonly string[] {
  const lines = execFileSync('/usr/bin/env', { encoding: 'utf8' }).split('\n');
  return lines.flatMap((line) => (line.includes(canary) ? [line.slice(0, Math.max(0, line.indexOf('=')))] : []));
}

function processList({ canary }: Errand): readonly string[] {
  if (process.platform !== 'linux')
    return execFileSync('ps', ['-axEww', '-o', 'command='], { encoding: 'utf8' }).includes(canary) ? ['ps'] : [];
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => [`/proc/${pid}/environ`, `/proc/${pid}/cmdline`])
    .filter((file) => text(file).includes(canary));
}

/** Reads its home and worktree, and what git tells of its configuration. */
function files({ canary }: Errand): readonly string[] {
  const own = [homedir(), process.cwd()].flatMap(below);
  const found = own.filter((file) => text(file).includes(canary));
  let config = '';
  attempt(() => {
    config = execFileSync('git', ['config', '--list'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  });
  return config.includes(canary) ? [...found, 'git config'] : found;
}

function below(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .slice(0, 5000)
    .map((entry) => path.join(entry.parentPath, entry.name));
}

/** Folders in which it sees a file, and files of the host that it can read. */
function openPlaces({ canary, closed, secrets }: Errand): readonly string[] {
  return [
    ...closed.filter((folder) => attempt(() => seeFile(folder))),
    ...secrets.filter((file) => text(file).includes(canary)),
  ];
}

function seeFile(folder: string): void {
  if (
    !readdirSync(folder).some((name) => statSync(path.join(folder, name), { throwIfNoEntry: false })?.isFile() ?? false)
  )
    throw new Error('no file');
}

/** Opens the system's files for writing and leaves them as they are; only its own file would be new. */
function outside({ outside: file }: Errand): readonly string[] {
  const wrote = attempt(() => writeFileSync(file, 'x')) ? [file] : [];
  const system = ['/etc/hosts', '/etc/passwd', '/proc/sys/kernel/core_pattern'];
  return [...wrote, ...system.filter((name) => attempt(() => closeSync(openSync(name, 'r+'))))];
}

function network({ port }: Errand): Promise<readonly string[]> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.setTimeout(3000, () => socket.destroy(new Error('no answer')));
    socket.once('error', () => resolve([]));
    socket.once('connect', () => {
      socket.destroy();
      resolve([`127.0.0.1:${port}`]);
    });
  });
}

function leaveBehind({ sleeps }: Errand): void {
  const [marked, bare] = sleeps;
  spawn('/bin/sleep', [String(marked)], { detached: true, stdio: 'ignore' }).unref();
  spawn('/bin/sleep', [String(bare)], { detached: true, stdio: 'ignore', env: {} }).unref();
}

/** A repository of its own in place of the worktree's, and configuration and hooks for the worker's: each would run the trap. */
function setTraps({ trap }: Errand): void {
  const run = (...args: string[]): boolean => attempt(() => execFileSync('git', args, { stdio: 'ignore' }));
  const arm = (): void => {
    for (const [key, value] of [
      ['filter.trap.clean', `touch ${trap}; cat`],
      ['core.fsmonitor', `touch ${trap}; false`],
      ['core.hooksPath', path.join(process.cwd(), 'hooks')],
    ] as const)
      run('config', key, value);
  };
  attempt(() => writeFileSync('.gitattributes', '* filter=trap\n'));
  arm();
  attempt(() => rmSync('.git'));
  run('init', '--quiet');
  arm();
}

async function main(): Promise<void> {
  const errand: Errand = JSON.parse(readFileSync(0, 'utf8'));
  const loot: Loot = {
    environment: variables(errand),
    processList: processList(errand),
    files: files(errand),
    closed: openPlaces(errand),
    outside: outside(errand),
    processes:
      attempt(() => process.kill(errand.pid, 0)) && text(`/proc/${errand.pid}/cmdline`) !== ''
        ? [String(errand.pid)]
        : [],
    network: await network(errand),
  };
  setTraps(errand);
  leaveBehind(errand);
  process.stdout.write(JSON.stringify(loot));
}

await main();
