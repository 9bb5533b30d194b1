import { execFileSync } from 'node:child_process';
import { cp, mkdir, rm } from 'node:fs/promises';
import path from 'node:path';

const SHOP = path.join(import.meta.dirname, 'shop');

/** Lays the shop out in `directory`: bare repositories `api.git` and `web.git`, the spec, the project file and the agent's script. */
export async function prepareShop(directory: string): Promise<void> {
  await mkdir(directory, { recursive: true });
  for (const name of ['spec.md', 'spec-to-pr.yaml', 'agent.yaml', 'attempts']) await cp(path.join(SHOP, name), path.join(directory, name), { recursive: true });
  for (const name of ['api', 'web']) {
    const work = path.join(directory, `${name}.work`);
    await cp(path.join(SHOP, 'repositories', name), work, { recursive: true });
    git(work, 'init', '--quiet', '--initial-branch=main');
    git(work, 'add', '--all');
    git(work, 'commit', '--quiet', '--message', `Start ${name}`);
    git(directory, 'clone', '--quiet', '--bare', work, path.join(directory, `${name}.git`));
    await rm(work, { recursive: true });
  }
}

function git(cwd: string, ...args: string[]): void {
  const identity = ['-c', 'user.name=Shop', '-c', 'user.email=shop@example.com', '-c', 'commit.gpgsign=false', '-c', 'core.hooksPath=/dev/null'];
  execFileSync('git', [...identity, ...args], { cwd, stdio: ['ignore', 'ignore', 'pipe'], env: { ...process.env, GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1' } });
}
