import { access, constants, mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { execa } from 'execa';
import type { Network } from '../../domain/project.ts';
import type { JobCommand } from '../process/job.ts';
import { modelNetwork } from './network/model.ts';
import type { Contain, SandboxHost, SandboxPlace } from './index.ts';
import { existing, fileReads, pathReads, programReads, systemFolders, topmost, within } from './readable.ts';

/** System files that may hold somebody's credentials. Root, as whom a worker may run, could read them. */
const MASKED_FILES = ['shadow', 'shadow-', 'gshadow', 'gshadow-', 'gitconfig', 'environment', 'sudoers', 'npmrc'];
const MASKED_FOLDERS = [
  'ssh',
  'ssl/private',
  'sudoers.d',
  'kubernetes',
  'docker',
  'rancher',
  'letsencrypt',
  'wireguard',
];

/**
 * Namespaces of its own for processes, messages, host name and, unless open, network. The supervisor's death does not end it: the
 * marker in the environment finds it from outside, and with its first process all others end, whatever they did to hide.
 */
function namespaces(network: Network): readonly string[] {
  return [
    ...['--unshare-pid', '--unshare-ipc', '--unshare-uts', '--unshare-cgroup-try', '--cap-drop', 'ALL'],
    ...(network === 'open' ? [] : ['--unshare-net']),
  ];
}

/** The kernel's settings are root's to write even without capabilities: they are covered. */
const DEVICES = ['--dev', '/dev', '--proc', '/proc', '--ro-bind', '/proc/sys', '/proc/sys'];

/** The program where it is and works with such a network, else why not. */
export async function findBubblewrap(
  searchPath: string,
  network: Network,
): Promise<{ readonly program: string } | { readonly fault: string }> {
  const program = await onPath(searchPath);
  if (program === undefined) return { fault: 'bubblewrap is not installed: install the package "bubblewrap" (bwrap)' };
  const trial = [
    ...namespaces(network),
    '--ro-bind',
    '/',
    '/',
    ...DEVICES,
    '--remount-ro',
    '/',
    '--',
    '/bin/sh',
    '-c',
    ':',
  ];
  const { exitCode, stderr, shortMessage } = await execa(program, trial, {
    ...{ reject: false, timeout: 10_000, env: {}, extendEnv: false },
  });
  if (exitCode === 0) return { program };
  const said = stderr.trim().split('\n').at(-1) || shortMessage || 'no reason told';
  return {
    fault: `${program} does not work here (${said}): allow unprivileged user namespaces, e.g. for the container`,
  };
}

async function onPath(searchPath: string): Promise<string | undefined> {
  for (const folder of searchPath.split(path.delimiter).filter((name) => path.isAbsolute(name))) {
    const file = path.join(folder, 'bwrap');
    const there = await access(file, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (there) return file;
  }
  return undefined;
}

/**
 * Commands see the system read-only, their worktrees and home writable, a /tmp of their own, the mirrors of their worktrees
 * read-only, and nothing else of the host.
 */
export function bubblewrap(program: string, host: SandboxHost): Contain {
  const { network, hosts } = host.choice;
  return async (command, place) => {
    const model =
      network === 'model' ? await modelNetwork(command, { jobDirectory: place.jobDirectory, hosts }) : undefined;
    const inside = withOwnTmp(model?.inner ?? command);
    const mounts = await mountsOf({ command: inside, programs: [command.file, inside.file], place }, host);
    const outer = {
      ...inside,
      file: program,
      arguments: [
        ...namespaces(network),
        ...mounts,
        ...(model?.options ?? []),
        ...['--remount-ro', '/', '--chdir', command.cwd, '--'],
        ...[inside.file, ...inside.arguments],
      ],
    };
    return model?.around(outer) ?? outer;
  };
}

function withOwnTmp(command: JobCommand): JobCommand {
  const { environment } = command;
  return { ...command, environment: { ...environment, ...('TMPDIR' in environment ? { TMPDIR: '/tmp' } : {}) } };
}

interface Inside {
  readonly command: JobCommand;
  readonly programs: readonly string[];
  readonly place: SandboxPlace;
}

async function mountsOf(inside: Inside, host: SandboxHost): Promise<readonly string[]> {
  const { command, place } = inside;
  const system = await systemFolders();
  const temporary = path.join(place.jobDirectory, 'tmp');
  const home = command.environment['HOME'] ?? path.join(place.jobDirectory, 'home');
  const own = path.join(place.jobDirectory, 'home');
  for (const folder of [temporary, home, own]) await mkdir(folder, { recursive: true, mode: 0o700 });
  const hidden = [host.userHome, host.stateHome].filter((folder) => system.some((root) => within(folder, root)));
  const mirrors = await host.mirrors(place.directory);
  const seen = [place.jobDirectory, ...mirrors, ...(place.readOnly === true ? [place.directory] : [])];
  const read = topmost([...(await readsOf(inside, host)), ...(await existing(seen))]);
  const written = topmost(await existing([...(place.readOnly === true ? [] : [place.directory]), home, own]));
  return [
    ...system.flatMap((folder) => ['--ro-bind', folder, folder]),
    ...(await masks(place)),
    ...hidden.flatMap((folder) => ['--tmpfs', folder]),
    ...DEVICES,
    ...['/tmp', '/var/tmp'].flatMap((folder) => ['--bind', temporary, folder]),
    ...read.flatMap((name) => ['--ro-bind', name, name]),
    ...written.flatMap((name) => ['--bind', name, name]),
  ];
}

async function readsOf({ command, programs }: Inside, { choice, userHome }: SandboxHost): Promise<readonly string[]> {
  const { environment } = command;
  const asked = choice.reads.map((name) => (name.startsWith('~/') ? path.join(userHome, name.slice(2)) : name));
  const found = await Promise.all([
    ...[...programs, ...(command.reads ?? [])].map(programReads),
    pathReads(environment['PATH'] ?? ''),
    fileReads([...command.arguments, ...Object.values(environment)]),
    existing([...asked, ...(command.reads ?? [])]),
    existing(['/etc/resolv.conf']).then((names) => names.filter((name) => !name.startsWith('/etc/'))),
  ]);
  return found.flat();
}

async function masks({ jobDirectory }: SandboxPlace): Promise<readonly string[]> {
  const empty = path.join(jobDirectory, 'empty');
  await writeFile(empty, '');
  const at = (name: string): string => path.join('/etc', name);
  const files = (await existing(MASKED_FILES.map(at))).filter((name) => within(name, '/etc'));
  const folders = (await existing(MASKED_FOLDERS.map(at))).filter((name) => within(name, '/etc'));
  return [...files.flatMap((name) => ['--ro-bind', empty, name]), ...folders.flatMap((name) => ['--tmpfs', name])];
}
