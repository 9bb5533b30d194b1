import { homedir } from 'node:os';
import path from 'node:path';

type Environment = Readonly<Record<string, string | undefined>>;

/** Folder for everything that is kept: `SPEC_TO_PR_HOME`, else the XDG state folder. */
export function stateHome(environment: Environment): string {
  const { SPEC_TO_PR_HOME, XDG_STATE_HOME, HOME } = environment;
  if (SPEC_TO_PR_HOME) return path.resolve(SPEC_TO_PR_HOME);
  return path.join(XDG_STATE_HOME || path.join(HOME || homedir(), '.local', 'state'), 'spec-to-pr');
}

/** Folder for what can be made again: `XDG_CACHE_HOME`, else the system's own place for caches. */
export function cacheHome(environment: Environment): string {
  const { XDG_CACHE_HOME, HOME } = environment;
  const home = HOME || homedir();
  const usual = process.platform === 'darwin' ? path.join(home, 'Library', 'Caches') : path.join(home, '.cache');
  return path.join(XDG_CACHE_HOME || usual, 'spec-to-pr');
}
