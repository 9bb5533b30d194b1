import { execFileSync } from 'node:child_process';
import { cp, mkdir, rm } from 'node:fs/promises';
import path from 'node:path';

const SHOP = path.join(import.meta.dirname, 'shop');
const BESIDE = ['spec.md', 'spec-to-pr.yaml', 'agent.yaml', 'attempts'];
const REPOSITORIES = ['api', 'web'];

/**
 * Lays the shop out in `directory`, which is made if absent and has to be empty: bare repositories `api.git` and
 * `web.git` with one commit on `main`, and beside them the spec, the project file and the agent's script.
 */
export async function prepareShop(directory: string): Promise<void> {
  await mkdir(directory, { recursive: true });
  for (const name of BESIDE) await cp(path.join(SHOP, name), path.join(directory, name), { recursive: true });
  for (const name of REPOSITORIES) {
    const work = path.join(directory, `${name}.work`);
    await cp(path.join(SHOP, 'repositories', name), work, { recursive: true });
    git(work, 'init', '--quiet', '--initial-branch=main');
    git(work, 'add', '--all');
    git(work, 'commit', '--quiet', '--message', `Start ${name}`);
    git(directory, 'clone', '--quiet', '--bare', work, path.join(directory, `${name}.git`));
    await rm(work, { recursive: true });
  }
}

// Neither the user's configuration nor the variables of a git hook that this may run under have a say here.
function git(cwd: string, ...args: string[]): void {
  const settings = ['user.name=Shop', 'user.email=shop@example.com', 'commit.gpgsign=false', 'core.hooksPath=/dev/null'];
  const ours = Object.entries(process.env).filter(([name]) => !name.startsWith('GIT_'));
  const env = { ...Object.fromEntries(ours), GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1' };
  execFileSync('git', [...settings.flatMap((setting) => ['-c', setting]), ...args], {
    cwd,
    env,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
}
