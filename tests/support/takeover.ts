import { handOver } from '../../activities/hand-over.ts';
import type { HandOverInput } from '../../activities/hand-over.ts';
import type { Ports } from '../../activities/ports.ts';
import { takeBack } from '../../activities/take-back.ts';
import type { TakeBackInput } from '../../activities/take-back.ts';
import type { Outcome } from '../../domain/outcome.ts';
import type { Takeover } from '../../domain/takeover.ts';
import { workerConfig } from '../../worker/config.ts';
import { createPorts } from '../../worker/ports.ts';
import { temporaryFolder } from './folder.ts';
import { bareRepository, git } from './repository.ts';

export const io = { signal: new AbortController().signal, progress: () => undefined };

export interface Scene {
  readonly ports: Ports;
  readonly order: HandOverInput;
  readonly takeover: Takeover;
  /** The person's clone. */
  readonly directory: string;
  /** The repository itself. */
  readonly url: string;
  back(changes?: Partial<TakeBackInput>): Promise<Outcome>;
}

/** A repository that was handed over at its base. */
export async function handedOver(): Promise<Scene> {
  const home = await temporaryFolder();
  const url = bareRepository(home, 'api', { 'a.txt': 'one\n', '.gitignore': 'ignored\n' });
  const config = workerConfig({ PATH: process.env['PATH'], SPEC_TO_PR_HOME: home, HOME: home });
  const ports = createPorts(config, { name: 'Bot', email: 'bot@example.com' });
  const store = {
    key: { workflowId: 'shop/GH-1', firstRunId: '0123456789' },
    workId: 'GH-1',
    remotes: { forge: { kind: 'local', tokenEnv: 'T' } },
    repositories: [{ key: 'api', url, base: 'main', baseCommit: git(url, 'rev-parse', 'main') }],
  };
  const order = { ...store, commits: {}, question: 'q1', by: 'ann' };
  const handed = await handOver(ports, order, io);
  if (handed.kind !== 'handed_over') throw new Error(handed.kind);
  const { takeover } = handed;
  const back: Scene['back'] = (changes = {}) =>
    takeBack(ports, { ...store, takeover, refs: {}, attempt: 2, ...changes }, io);
  return { ports, order, takeover, directory: takeover.worktrees[0]?.directory ?? '', url, back };
}

/** Commits everything in a clone, as its person. Gives the commit. */
export function commitAll(directory: string, message: string): string {
  git(directory, 'add', '--all');
  git(directory, 'commit', '--quiet', '--message', message);
  return git(directory, 'rev-parse', 'HEAD');
}
