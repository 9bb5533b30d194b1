// Stands in for docker, podman and docker-compose where there is no container engine: `node engine.ts <program> <arguments>`.
// It takes the real programs' arguments and no others, keeps its state in $ENGINE_HOME and runs services as processes.
// $ENGINE_HOME/mode makes it misbehave: `stale` up changes nothing, `daemon` it cannot be reached, `port` a port is taken,
// `gone` a container is listed that has gone since, with `once` one time,
// `slow <point>` it takes long there, once: `up`, `down`, the name of a service that was started.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import type { ParseArgsConfig } from 'node:util';
import getPort from 'get-port';
import { pause, runs } from './slow.ts';
import { stamped, written } from './stamped.ts';

interface Box {
  readonly Id: string;
  readonly pid: number;
  readonly directory: string;
  readonly port: number;
  readonly labels: Readonly<Record<string, string>>;
}

interface Service {
  readonly command?: string;
  readonly working_dir?: string;
  readonly ports?: readonly string[];
  readonly labels?: Readonly<Record<string, string>>;
  readonly profiles?: readonly string[];
}

const home = process.env['ENGINE_HOME'] ?? '';
mkdirSync(home, { recursive: true });
const [program = '', ...words] = process.argv.slice(2);
const modeFile = path.join(home, 'mode');
const mode = existsSync(modeFile) ? readFileSync(modeFile, 'utf8') : '';

function fail(message: string, code = 1): never {
  console.error(message);
  process.exit(code);
}

type Options = NonNullable<ParseArgsConfig['options']>;

/** Flags and words; what the real program does not know ends the stand-in as it ends that. */
function read(
  args: readonly string[],
  options: Options,
  words = 0,
): { values: Record<string, unknown>; positionals: string[] } {
  try {
    const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true });
    if (positionals.length < words) fail(`requires at least ${words} argument`);
    return { values, positionals };
  } catch (error) {
    return fail(error instanceof Error ? error.message.replace('Unknown option', 'unknown flag:') : '', 125);
  }
}

const boxes = (): readonly Box[] =>
  readdirSync(home)
    .filter((name) => name.endsWith('.json'))
    .map((name) => JSON.parse(readFileSync(path.join(home, name), 'utf8')));
const boxOf = (id: string): Box => boxes().find(({ Id }) => Id === id) ?? fail(`Error: No such container: ${id}`);
const logOf = (id: string): string => path.join(home, `${id}.log`);
const exitOf = (id: string): string => path.join(home, `${id}.exit`);

function remove({ Id, pid }: Box): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
  for (const file of [logOf(Id), exitOf(Id), path.join(home, `${Id}.json`)]) rmSync(file, { force: true });
}

async function start(project: string, name: string, service: Service): Promise<void> {
  const Id = `${project}-${name}-1`;
  const labels = { 'com.docker.compose.project': project, 'com.docker.compose.service': name, ...service.labels };
  const before = boxes().find((box) => box.Id === Id);
  const same = before !== undefined && JSON.stringify(before.labels) === JSON.stringify(labels);
  if (before !== undefined && (mode === 'stale' || (same && runs(before.pid)))) return;
  if (before !== undefined) remove(before);
  const port = await getPort({ host: '127.0.0.1' });
  const wrapped = `(${service.command ?? 'true'}); echo $? >"${exitOf(Id)}"`;
  writeFileSync(logOf(Id), '');
  const child = spawn('/bin/sh', ['-c', stamped(wrapped, logOf(Id))], {
    cwd: service.working_dir,
    env: { PATH: process.env['PATH'], PORT: String(port), HOST: '127.0.0.1' },
    detached: true,
    stdio: 'ignore',
  });
  child.unref();
  const published = service.ports === undefined ? 0 : port;
  const box: Box = { Id, pid: child.pid ?? 0, directory: service.working_dir ?? '/', port: published, labels };
  writeFileSync(path.join(home, `${Id}.json`), JSON.stringify(box));
  pause(home, name);
}

function fillIn(text: string): string {
  const filled = text.replace(/\$\{([A-Z_]+)\}/g, (_whole, name: string) => {
    const value = process.env[name];
    return value ?? fail(`error while interpolating: required variable ${name} is missing a value`);
  });
  return filled.replaceAll('$$', '$');
}

async function merged(files: readonly string[]): Promise<Readonly<Record<string, Service>>> {
  const { parse } = await import('yaml');
  const services: Record<string, Service> = {};
  for (const file of files) {
    if (!existsSync(file)) fail(`open ${file}: no such file or directory`, 14);
    const read: { services?: Record<string, Service> } = parse(fillIn(readFileSync(file, 'utf8')));
    if (read.services === undefined) fail('empty compose file', 15);
    for (const [name, service] of Object.entries(read.services)) services[name] = { ...services[name], ...service };
  }
  return services;
}

const VERBS: Readonly<Record<string, Options>> = {
  version: {},
  config: {},
  up: { detach: { type: 'boolean' }, build: { type: 'boolean' }, 'remove-orphans': { type: 'boolean' } },
  down: {
    volumes: { type: 'boolean' },
    'remove-orphans': { type: 'boolean' },
    rmi: { type: 'string' },
    timeout: { type: 'string' },
  },
};

async function compose(args: readonly string[]): Promise<void> {
  const at = args.findIndex((word) => VERBS[word] !== undefined);
  const verb = args[at] ?? fail(`unknown docker command: "compose ${args.join(' ')}"`);
  const { values } = read(args.slice(0, at), {
    'project-name': { type: 'string' },
    'project-directory': { type: 'string' },
    file: { type: 'string', multiple: true },
    profile: { type: 'string', multiple: true },
  });
  read(args.slice(at + 1), VERBS[verb] ?? {});
  if (verb === 'version') return console.log('Docker Compose version v2.29.7');
  const project = String(values['project-name']);
  if (!/^[a-z0-9][a-z0-9_-]*$/.test(project)) fail(`invalid project name "${project}"`);
  if (mode === 'daemon')
    fail('Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?');
  if (verb === 'down') {
    for (const box of boxes()) if (box.labels['com.docker.compose.project'] === project) remove(box);
    pause(home, 'down');
    return undefined;
  }
  const profiles = (values['profile'] ?? []) as readonly string[];
  const services = Object.entries(await merged((values['file'] ?? []) as readonly string[])).filter(
    ([, service]) => service.profiles?.some((profile) => profiles.includes(profile)) ?? true,
  );
  if (verb === 'config') return console.log(JSON.stringify({ services: Object.fromEntries(services) }));
  if (mode === 'port') fail('Error response from daemon: Bind for 127.0.0.1:80 failed: port is already allocated');
  pause(home, 'up');
  for (const [name, service] of services) await start(project, name, service);
  return undefined;
}

function inspected({ Id, labels, port }: Box): unknown {
  const code = existsSync(exitOf(Id)) ? Number(readFileSync(exitOf(Id), 'utf8')) : undefined;
  const ports = port === 0 ? {} : { '8080/tcp': [{ HostIp: '0.0.0.0', HostPort: String(port) }] };
  return {
    Id,
    RestartCount: 0,
    Config: { Labels: labels },
    State: { Status: code === undefined ? 'running' : 'exited', ExitCode: code ?? 0, OOMKilled: false },
    HostConfig: { PortBindings: ports },
    NetworkSettings: { Ports: code === undefined ? ports : {} },
  };
}

function list(args: readonly string[]): void {
  const { values } = read(args, {
    all: { type: 'boolean' },
    quiet: { type: 'boolean' },
    filter: { type: 'string' },
  });
  const [key = '', value] = String(values['filter']).replace('label=', '').split('=');
  for (const { Id, labels } of boxes())
    if (value === undefined ? labels[key] !== undefined : labels[key] === value) console.log(Id);
  if (!mode.startsWith('gone')) return;
  console.log('gone-1');
  if (mode === 'gone once') rmSync(modeFile);
}

function containers(verb: string, args: readonly string[]): void {
  if (verb === 'ls') return list(args);
  const { positionals } = read(args, { force: { type: 'boolean' }, volumes: { type: 'boolean' } }, 1);
  for (const id of positionals) remove(boxOf(id));
}

function single(verb: string, args: readonly string[]): void {
  if (verb === 'inspect') {
    const { positionals } = read(args, { type: { type: 'string' } }, 1);
    const all = boxes();
    console.log(JSON.stringify(all.filter(({ Id }) => positionals.includes(Id)).map(inspected)));
    for (const id of positionals) boxOf(id);
    return undefined;
  }
  if (verb === 'logs') {
    const { positionals, values } = read(args, { tail: { type: 'string' }, since: { type: 'string' } }, 1);
    const text = readFileSync(logOf(boxOf(positionals[0] ?? '').Id), 'utf8');
    return void process.stdout.write(written(text, typeof values['since'] === 'string' ? values['since'] : ''));
  }
  if (verb !== 'exec') fail(`${program}: '${verb}' is not a docker command.`);
  const [id = '', file = '', ...rest] = args;
  const { status } = spawnSync(file, rest, { cwd: boxOf(id).directory, stdio: 'inherit' });
  process.exitCode = status ?? 126;
}

const [verb = '', ...rest] = words;
if (program === 'docker-compose') await compose(words);
else if (verb === '--version') console.log('Docker version 27.3.1');
else if (verb === 'compose') await compose(rest);
else if (mode === 'daemon')
  fail('Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?');
else if (verb === 'container') containers(rest[0] ?? '', rest.slice(1));
else if (['network', 'volume', 'image'].includes(verb)) list(['--filter', 'label=none', ...rest.slice(1, 2)]);
else single(verb, rest);
