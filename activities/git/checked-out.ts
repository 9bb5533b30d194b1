import { createHash } from 'node:crypto';
import { CommandNotStarted } from '../process/run-command.ts';
import type { Io } from '../io.ts';
import { git } from './host.ts';
import type { GitHost } from './host.ts';

/** What a worktree has checked out. */
export interface CheckedOut {
  /** Commit id of HEAD. */
  readonly commit: string;
  /** Hex digits for what the index has otherwise than that commit; empty when nothing. */
  readonly staged: string;
}

/**
 * What git finds checked out in a folder now, by HEAD and index: what programs write into the files is not looked at. Nothing for
 * a folder that is gone or is no worktree with a commit. Whatever the folder's git configuration says, no program of it is run.
 */
export async function checkedOut(
  host: GitHost,
  directory: string,
  io: Pick<Io, 'signal'>,
): Promise<CheckedOut | undefined> {
  const ask = async (...args: readonly string[]): Promise<string | undefined> => {
    const call = { cwd: directory, arguments: [...GUARDS, ...args], environment: { GIT_NO_LAZY_FETCH: '1' } };
    const { exitCode, stdout } = await git(host, call, io);
    return exitCode === 0 ? stdout.trim() : undefined;
  };
  try {
    const [commit, staged] = await Promise.all([ask(...HEAD), ask(...STAGED)]);
    return commit === undefined || staged === undefined ? undefined : { commit, staged: digest(staged) };
  } catch (error) {
    if (error instanceof CommandNotStarted) return undefined;
    throw error;
  }
}

// A repository that lies bare among the files is no worktree's.
const GUARDS = ['-c', 'safe.bareRepository=explicit'];
const HEAD = ['rev-parse', '--verify', '--quiet', 'HEAD^{commit}'];
const STAGED = ['diff-index', '--cached', '--raw', '--no-ext-diff', '--no-textconv', '--no-renames', 'HEAD'];

function digest(text: string): string {
  return text === '' ? '' : createHash('sha256').update(text).digest('hex').slice(0, 16);
}
