import path from 'node:path';
import { mirrorsOf } from '../../activities/git/worktree.ts';
import { findBubblewrap } from '../../activities/sandbox/bubblewrap.ts';
import { lazySandbox } from '../../activities/sandbox/index.ts';
import type { Sandbox, SandboxHost } from '../../activities/sandbox/index.ts';
import { DEFAULT_SANDBOX } from '../../domain/project.ts';
import type { SandboxChoice } from '../../domain/project.ts';

const PATH = process.env['PATH'] ?? '';

/** Why bubblewrap cannot be tested here, or nothing. */
export const noBubblewrap = await findBubblewrap(PATH, 'none').then((found) =>
  'fault' in found ? found.fault : undefined,
);

/** A host whose user lives in `folder`/user and whose state is in `folder`/state. */
export function sandboxHostIn(folder: string, choice: Partial<SandboxChoice> = {}): SandboxHost {
  const stateHome = path.join(folder, 'state');
  const git = { home: stateHome, path: PATH, identity: { name: 'Test', email: 'test@example.com' } };
  return {
    choice: { ...DEFAULT_SANDBOX, ...choice },
    path: PATH,
    userHome: path.join(folder, 'user'),
    stateHome,
    mirrors: (directory) => mirrorsOf(git, directory),
  };
}

/** What a project that says nothing gets: bubblewrap where it works. */
export function sandboxIn(folder: string, choice: Partial<SandboxChoice> = {}): Sandbox {
  return lazySandbox(sandboxHostIn(folder, choice));
}
