import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { GitHost } from '../../activities/git/host.ts';

/** Runs git as a person would, with an identity of its own. Gives what it prints. */
export function git(cwd: string, ...args: string[]): string {
  const identity = ['-c', 'user.name=Test', '-c', 'user.email=test@example.com', '-c', 'commit.gpgsign=false'];
  const env = { ...process.env, GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1' };
  return execFileSync('git', [...identity, ...args], {
    cwd,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    env,
  }).trim();
}

/** Git as the product calls it, with its files below this folder. */
export function gitHost(home: string): GitHost {
  return { home, path: process.env['PATH'] ?? '', identity: { name: 'Bot', email: 'bot@example.com' } };
}

export type Files = Readonly<Record<string, string>>;

export function writeFiles(folder: string, files: Files): void {
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
    writeFileSync(path.join(folder, name), content);
  }
}

/** A bare repository with one commit of these files on `main`. Gives its path. */
export function bareRepository(folder: string, name: string, files: Files): string {
  const work = path.join(folder, `${name}.work`);
  const bare = path.join(folder, `${name}.git`);
  writeFiles(work, files);
  git(work, 'init', '--quiet', '--initial-branch=main');
  git(work, 'add', '--all');
  git(work, 'commit', '--quiet', '--message', 'Start');
  git(folder, 'clone', '--quiet', '--bare', work, bare);
  rmSync(work, { recursive: true });
  return bare;
}
