import { execa } from 'execa';
import type { GitHost } from '../activities/git/host.ts';

const OWN: GitHost['identity'] = { name: 'spec-to-pr', email: 'spec-to-pr@users.noreply.github.com' };

/** Whom commits are made by: the identity of the user's own git, else ours. */
export async function gitIdentity(
  environment: Readonly<Record<string, string | undefined>>,
): Promise<GitHost['identity']> {
  const { PATH = '', HOME = '' } = environment;
  const read = async (key: string): Promise<string> => {
    const result = await execa('git', ['config', '--global', '--get', key], {
      reject: false,
      env: { PATH, HOME },
      extendEnv: false,
    });
    return result.exitCode === 0 ? result.stdout.trim() : '';
  };
  const [name, email] = [await read('user.name'), await read('user.email')];
  return name !== '' && email !== '' ? { name, email } : OWN;
}
