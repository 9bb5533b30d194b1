import { execa } from 'execa';
import { cacheHome, stateHome } from './processes/home.ts';
import { startWorker, stopWorker } from './processes/worker.ts';
import { findTemporal } from './temporal/find.ts';
import { startServer, stopServer } from './temporal/server.ts';

export interface UpOptions {
  readonly environment: Readonly<Record<string, string | undefined>>;
  say(line: string): void;
}

export interface Up {
  /** Undefined when the server is the user's own (`TEMPORAL_*`). */
  readonly address?: string;
  readonly ui?: string;
}

/** Makes sure that a server and a worker run, starting what is missing as processes of their own. `external`: the server is the user's. */
export async function ensureRunning({ environment, say }: UpOptions, external: boolean): Promise<Up> {
  const home = stateHome(environment);
  const git = await execa('git', ['--version'], {
    reject: false,
    env: { PATH: environment['PATH'] ?? '' },
    extendEnv: false,
  });
  if (git.exitCode !== 0) throw new Error('git is missing: install git 2.31 or newer');
  let up: Up = {};
  if (!external) {
    const options = { path: environment['PATH'] ?? '', cacheDir: cacheHome(environment), say };
    const { server, started } = await startServer(home, async () => (await findTemporal(options)).file);
    if (started) say(`Started a Temporal server: ${server.address}, UI ${server.ui}`);
    up = { address: server.address, ui: server.ui };
  }
  if (await startWorker(home, environment))
    say(`Started a worker; its log is in ${home}. \`spec-to-pr down\` ends both.`);
  return up;
}

/** Ends the worker and the embedded server of this state folder. Runs go on where they were after the next start. */
export async function shutDown({ environment, say }: UpOptions): Promise<void> {
  const home = stateHome(environment);
  say((await stopWorker(home)) ? 'Ended the worker.' : 'No worker was running.');
  say(
    (await stopServer(home)) ? 'Ended the Temporal server; its data stays.' : 'No Temporal server of ours was running.',
  );
}
