import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { execa } from 'execa';
import { MARKER } from '../process/marked.ts';
import type { Contain, SandboxHost } from './index.ts';
import { existing, fileReads, topmost } from './readable.ts';

/** Why containers cannot be run here, or nothing. */
export async function engineFault({ choice, path: searchPath, userHome }: SandboxHost): Promise<string | undefined> {
  const { engine } = choice;
  const { exitCode, stderr, code } = await execa(engine, ['version'], {
    ...{ reject: false, timeout: 20_000, env: { PATH: searchPath, HOME: userHome }, extendEnv: false },
  });
  if (exitCode === 0) return undefined;
  if (code === 'ENOENT') return `"${engine}" is not on PATH: install it`;
  return `"${engine}" does not answer: ${stderr.trim().split('\n').at(-1) ?? ''}`;
}

/**
 * Commands run by their name in the project's image, as the worker's user and with the worktree, the home and what else they need
 * mounted under the paths of the host. Values of variables are passed by name: none is in an argument. Marker and user are the
 * worker's, so that its processes are found and ended from outside.
 */
export function container({ choice, userHome, mirrors }: SandboxHost): Contain {
  const { engine, image = '', network, reads } = choice;
  return async (command, place) => {
    const { PATH: searchPath = '', HOME: home = path.join(place.jobDirectory, 'home'), ...rest } = command.environment;
    await mkdir(home, { recursive: true, mode: 0o700 });
    const asked = reads.map((name) => (name.startsWith('~/') ? path.join(userHome, name.slice(2)) : name));
    const read = topmost([
      ...(await existing([
        place.jobDirectory,
        ...(await mirrors(place.directory)),
        ...(place.readOnly === true ? [place.directory] : []),
        ...asked,
        ...(command.reads ?? []),
      ])),
      ...(await fileReads([...command.arguments, ...Object.values(rest)])),
    ]);
    const written = await existing([...(place.readOnly === true ? [] : [place.directory]), home]);
    const user = `${process.getuid?.() ?? 0}:${process.getgid?.() ?? 0}`;
    return {
      ...command,
      file: engine,
      arguments: [
        ...['run', '--rm', '--interactive', '--init', '--network', network === 'none' ? 'none' : 'bridge'],
        ...['--cap-drop', 'ALL', '--security-opt', 'no-new-privileges', '--user', user],
        ...['--read-only', '--tmpfs', '/tmp:rw,exec,mode=1777', '--workdir', command.cwd],
        ...read.flatMap((name) => ['--volume', `${name}:${name}:ro`]),
        ...written.flatMap((name) => ['--volume', `${name}:${name}`]),
        ...[...Object.keys(rest), MARKER].flatMap((name) => ['--env', name]),
        ...['--env', `HOME=${home}`, image, path.basename(command.file), ...command.arguments],
      ],
      // The engine's own: it finds its images and its login by HOME.
      environment: { ...rest, PATH: searchPath, HOME: userHome },
    };
  };
}
