// A user's own environment tracker, as a program: `node tracker.ts <verb>` with its state in $TRACKER_HOME. Services are real
// processes. $TRACKER_HOME/mode makes it misbehave.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import getPort from 'get-port';
import { pause } from './slow.ts';
import { stamped, written } from './stamped.ts';

interface Tracked {
  readonly id: string;
  readonly name: string;
  readonly owner: string;
  readonly state: string;
  readonly commits: Readonly<Record<string, string>>;
  readonly services: Readonly<Record<string, { pid: number; port: number; directory: string }>>;
}

const env = process.env;
const home = env['TRACKER_HOME'] ?? '';
const id = env['ENVIRONMENT_ID'] ?? '';
const file = path.join(home, `${id}.json`);
const modeFile = path.join(home, 'mode');
const mode = existsSync(modeFile) ? readFileSync(modeFile, 'utf8') : '';

const read = (name: string): Tracked => JSON.parse(readFileSync(name, 'utf8'));
const current = (): Tracked | undefined => (existsSync(file) ? read(file) : undefined);
const write = (tracked: Tracked): void => writeFileSync(file, JSON.stringify(tracked));
const logOf = (key: string): string => path.join(home, `${id}-${key}.log`);

function stop(tracked: Tracked | undefined): void {
  for (const { pid } of Object.values(tracked?.services ?? {})) {
    try {
      process.kill(-pid, 'SIGKILL');
    } catch {
      continue;
    }
  }
}

async function provision(): Promise<void> {
  pause(home, 'provision');
  const { ENVIRONMENT_NAME: name = '', ENVIRONMENT_OWNER: owner = '' } = env;
  if (current() === undefined) write({ id, name, owner, state: 'ready', commits: {}, services: {} });
}

async function deploy(): Promise<void> {
  const before = current();
  if (before === undefined) throw new Error(`no environment ${id}: provision it first`);
  stop(before);
  const wanted: Record<string, string> = JSON.parse(env['ENVIRONMENT_COMMITS'] ?? '{}');
  const services: Record<string, { pid: number; port: number; directory: string }> = {};
  for (const key of Object.keys(wanted)) {
    const directory = env[`${key.toUpperCase()}_DIR`] ?? '';
    if (!existsSync(path.join(directory, 'server.js'))) throw new Error(`service ${key} has no server.js`);
    const port = await getPort({ host: '127.0.0.1' });
    writeFileSync(logOf(key), '');
    const child = spawn('/bin/sh', ['-c', stamped(`"${process.execPath}" server.js`, logOf(key))], {
      cwd: directory,
      env: { PATH: env['PATH'], PORT: String(port), HOST: '127.0.0.1' },
      detached: true,
      stdio: 'ignore',
    });
    child.unref();
    services[key] = { pid: child.pid ?? 0, port, directory };
    // At once: it may be cut off at any time, and what it does not know of it cannot stop.
    write({ ...before, commits: {}, services });
    pause(home, key);
  }
  const { ENVIRONMENT_OWNER: owner = '' } = env;
  write({ ...before, owner, commits: mode === 'stale' ? before.commits : wanted, services });
  console.log('deploying takes a moment');
  status();
}

function status(): void {
  const tracked = current();
  console.log(`state=${tracked?.state ?? 'absent'}`);
  for (const [key, { port }] of Object.entries(tracked?.services ?? {}))
    console.log(`address.${key}=http://127.0.0.1:${port}`);
  for (const [key, commit] of Object.entries(tracked?.commits ?? {}))
    console.log(`commit.${key}=${commit.slice(0, 12)}`);
}

function list(): void {
  for (const name of readdirSync(home).filter((entry) => entry.endsWith('.json'))) {
    const tracked = read(path.join(home, name));
    console.log(`${tracked.id} NAME=${tracked.name} OWNER=${tracked.owner} STATE=${tracked.state} CREATED=2024-05-01`);
  }
}

function exec(): void {
  const service = current()?.services[env['ENVIRONMENT_SERVICE'] ?? ''];
  const { status: code } = spawnSync('/bin/sh', ['-c', env['ENVIRONMENT_COMMAND'] ?? ''], {
    cwd: service?.directory,
    stdio: 'inherit',
  });
  process.exitCode = code ?? 1;
}

async function destroy(): Promise<void> {
  const tracked = current();
  stop(tracked);
  pause(home, 'destroy');
  for (const key of Object.keys(tracked?.services ?? {})) rmSync(logOf(key), { force: true });
  rmSync(file, { force: true });
}

mkdirSync(home, { recursive: true });
const verbs: Readonly<Record<string, () => void | Promise<void>>> = {
  provision,
  deploy,
  status,
  list,
  logs: () => {
    const log = readFileSync(logOf(env['ENVIRONMENT_SERVICE'] ?? ''), 'utf8');
    process.stdout.write(written(log, env['ENVIRONMENT_LOGS_SINCE']));
  },
  exec,
  destroy,
};
const verb = verbs[process.argv[2] ?? ''];
if (verb === undefined) throw new Error(`unknown verb "${process.argv[2]}"`);
await verb();
