import { createHash } from 'node:crypto';
import path from 'node:path';
import { runCommand } from '../process/run-command.ts';
import type { CommandResult } from '../process/run-command.ts';
import type { GitCredentials } from '../forges/index.ts';
import type { Io } from '../io.ts';
import { GitFailed } from './errors.ts';

/** Where git works on this host, and as whom it commits. `path` is the PATH that git is found on. */
export interface GitHost {
  readonly home: string;
  readonly path: string;
  readonly identity: { readonly name: string; readonly email: string };
}

export interface GitCall {
  readonly arguments: readonly string[];
  readonly cwd?: string;
  readonly credentials?: GitCredentials;
  readonly input?: string;
  readonly environment?: Readonly<Record<string, string>>;
}

export const NO_CREDENTIALS: GitCredentials = { environment: {}, arguments: [] };

/** Where the mirrors of all repositories are. */
export function mirrorsFolder(host: GitHost): string {
  return path.join(host.home, 'mirrors');
}

/** The bare mirror of a repository on this host. */
export function mirrorFolder(host: GitHost, url: string): string {
  const readable = url
    .replace(/^.*[/:]/, '')
    .replace(/\.git$/, '')
    .replace(/[^A-Za-z0-9._-]+/g, '_')
    .replace(/^\.+/, '_');
  return path.join(
    mirrorsFolder(host),
    `${readable.slice(0, 60)}-${createHash('sha256').update(url).digest('hex').slice(0, 16)}.git`,
  );
}

/** True when the mirror is there and has the commit. */
export async function hasCommit(
  host: GitHost,
  { mirror, commit }: { readonly mirror: string; readonly commit: string },
  io: Pick<Io, 'signal'>,
): Promise<boolean> {
  const found = await git(host, { arguments: ['--git-dir', mirror, 'cat-file', '-e', `${commit}^{commit}`] }, io);
  return found.exitCode === 0;
}

/**
 * Runs git with an environment of its own: no hooks, no system or user configuration, no prompt, no repository above `cwd`.
 * Any exit code is a value.
 */
export async function git(host: GitHost, call: GitCall, io: Pick<Io, 'signal'>): Promise<CommandResult> {
  const { name, email } = host.identity;
  const result = await runCommand(
    {
      file: 'git',
      arguments: [
        '-c',
        'core.hooksPath=/dev/null',
        '-c',
        'core.fsmonitor=false',
        '-c',
        'gc.auto=0',
        ...(call.credentials?.arguments ?? []),
        ...call.arguments,
      ],
      ...(call.cwd === undefined ? {} : { cwd: call.cwd }),
      ...(call.input === undefined ? {} : { input: call.input }),
      environment: {
        PATH: host.path,
        HOME: path.join(host.home, 'git-home'),
        LC_ALL: 'C',
        ...(call.cwd === undefined ? {} : { GIT_CEILING_DIRECTORIES: path.dirname(call.cwd) }),
        GIT_NO_REPLACE_OBJECTS: '1',
        GIT_SSH_COMMAND: 'ssh -o BatchMode=yes',
        GIT_TERMINAL_PROMPT: '0',
        GIT_CONFIG_NOSYSTEM: '1',
        GIT_CONFIG_GLOBAL: '/dev/null',
        GIT_AUTHOR_NAME: name,
        GIT_AUTHOR_EMAIL: email,
        GIT_COMMITTER_NAME: name,
        GIT_COMMITTER_EMAIL: email,
        ...call.environment,
        ...call.credentials?.environment,
      },
    },
    io,
  );
  // Half an answer is none.
  return result.cutBytes === undefined ? result : { ...result, exitCode: null };
}

/** The same, for calls that have to succeed. Gives stdout without its last line end; throws GitFailed. */
export async function mustGit(host: GitHost, call: GitCall, io: Pick<Io, 'signal'>): Promise<string> {
  const result = await git(host, call, io);
  if (result.exitCode !== 0) throw new GitFailed(call.arguments, result);
  return result.stdout.replace(/\n$/, '');
}
