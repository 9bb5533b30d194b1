import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterEach } from '@jest/globals';
import type { Client, WorkflowHandle } from '@temporalio/client';
import { DefaultLogger, Runtime, Worker, bundleWorkflowCode, makeTelemetryFilterString } from '@temporalio/worker';
import type { NativeConnection, WorkflowBundleWithSourceMap } from '@temporalio/worker';
import { createActivities } from '../../activities/create.ts';
import { runFolder } from '../../activities/folders.ts';
import { mirrorFolder } from '../../activities/git/host.ts';
import { alive, readRecord } from '../../activities/process/job.ts';
import { findMarked } from '../../activities/process/marked.ts';
import type { Outcome } from '../../domain/outcome.ts';
import { DEFAULT_SANDBOX } from '../../domain/project.ts';
import type { Run } from '../../domain/run.ts';
import { wanted } from '../../worker/claims.ts';
import { workerConfig } from '../../worker/config.ts';
import { createPorts } from '../../worker/ports.ts';
import { temporaryFolder } from '../support/folder.ts';
import { bareRepository, git } from '../support/repository.ts';
import { plannedRun } from '../support/run.ts';
import type { OneSessionInput, oneSession } from './one-session.ts';

Runtime.install({
  logger: new DefaultLogger('ERROR'),
  telemetryOptions: { logging: { forward: {}, filter: makeTelemetryFilterString({ core: 'ERROR' }) } },
});

const scenes: Scene[] = [];

// A test that fails leaves no session behind.
afterEach(async () => {
  for (const { living } of scenes.splice(0))
    for (const pid of await living())
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // It died meanwhile.
      }
});

let bundled: Promise<WorkflowBundleWithSourceMap> | undefined;

/** A supervised session that leaves a background process, and ends when it is let go on. */
export interface Scene {
  readonly folder: string;
  start(times?: OneSessionInput['times']): Promise<WorkflowHandle<typeof oneSession>>;
  /** A worker as the product makes it, which hears of a cancellation within seconds. */
  worker(native: NativeConnection): Promise<{ stop(): Promise<void> }>;
  /** Waits until the session has done its first steps `times` times, and left its background process. */
  atWork(times?: number): Promise<void>;
  letGo(): void;
  /** How often the first steps ran. */
  rounds(): number;
  /** Pid of the live session itself; a new one has another. */
  pid(): Promise<number | undefined>;
  /** Pids of the session and all that it started. */
  living(): Promise<readonly number[]>;
  /** What the newest snapshot of that name has in `first.txt`. */
  saved(name?: string): string | undefined;
}

export async function scene(client: Client, name: string): Promise<Scene> {
  const folder = await temporaryFolder();
  const home = path.join(folder, 'home');
  mkdirSync(home);
  const url = bareRepository(folder, 'api', { 'a.txt': 'one\n' });
  const at = (file: string): string => path.join(folder, file);
  const steps = [
    { write: { file: 'first.txt', content: 'first\n' } },
    { run: `(sleep 300 & setsid sleep 300 &) >/dev/null 2>&1; echo round >> ${at('rounds')}` },
    { run: `until [ -e ${at('go')} ]; do sleep 0.05; done` },
    { write: { file: 'second.txt', content: 'second\n' } },
  ];
  writeFileSync(at('agent.yaml'), JSON.stringify({ attempts: [{ steps }] }));
  const base = plannedRun({
    roles: { developer: { agent: { name: 'scripted', options: { script: at('agent.yaml') } } } },
  });
  const run: Run = {
    ...base,
    key: { workflowId: name, firstRunId: name },
    spec: null,
    repositories: [{ key: 'api', url, base: 'main', baseCommit: git(url, 'rev-parse', 'main') }],
  };
  // Its steps write beside its folder.
  const sandbox = { ...DEFAULT_SANDBOX, kind: 'none' as const };
  const job = path.join(runFolder(home, run.key), 'jobs', 'implement-1');
  const rounds = (): number =>
    existsSync(at('rounds')) ? readFileSync(at('rounds'), 'utf8').split('\n').length - 1 : 0;
  const made: Scene = {
    folder,
    rounds,
    start: (times = { heartbeatTimeout: '6s', startToCloseTimeout: '5m' }) =>
      client.workflow.start<typeof oneSession>('oneSession', {
        workflowId: name,
        taskQueue: name,
        args: [{ input: { run, remotes: { forge: { kind: 'local', tokenEnv: 'T' } }, setup: {}, sandbox }, times }],
      }),
    worker: (native) => startWorker(native, { home, queue: name, client }),
    atWork: async (times = 1) => {
      while (rounds() < times) await wait(50);
    },
    letGo: () => writeFileSync(at('go'), ''),
    pid: async () => {
      const record = await readRecord(job);
      return record !== undefined && (await alive(record)) ? record.pid : undefined;
    },
    living: async () => {
      const record = await readRecord(job);
      return record === undefined ? [] : findMarked(record.marker);
    },
    saved: (ref = 'implement-1') => {
      const mirror = mirrorFolder({ home, path: '', identity: { name: '', email: '' } }, url);
      try {
        return git(mirror, 'show', `refs/spec-to-pr/SPEC-1/${name.slice(0, 8)}/snapshots/${ref}:first.txt`);
      } catch {
        return undefined;
      }
    },
  };
  scenes.push(made);
  return made;
}

async function startWorker(
  connection: NativeConnection,
  { home, queue, client }: { readonly home: string; readonly queue: string; readonly client: Client },
): Promise<{ stop(): Promise<void> }> {
  bundled ??= bundleWorkflowCode({
    workflowsPath: path.join(import.meta.dirname, 'one-session.ts'),
    logger: new DefaultLogger('ERROR'),
  });
  const config = workerConfig({ PATH: process.env['PATH'], SPEC_TO_PR_HOME: home, HOME: home });
  const ports = createPorts(config, { name: 'Test', email: 'test@example.com' });
  const binding = { claim: async () => async () => undefined, wanted: wanted(client), redact: config.redact };
  const worker = await Worker.create({
    connection,
    taskQueue: queue,
    workflowBundle: await bundled,
    activities: createActivities(ports, binding),
    maxHeartbeatThrottleInterval: '1s',
    shutdownGraceTime: '100ms',
    shutdownForceTime: '60s',
  });
  const running = worker.run();
  return {
    stop: async () => {
      worker.shutdown();
      await running;
    },
  };
}

/** Waits until nothing of a session lives. */
export async function gone({ living }: Scene): Promise<void> {
  while ((await living()).length > 0) await wait(50);
}

/** The outcome without what differs from time to time. */
export function told(outcome: Outcome): unknown {
  if (outcome.kind !== 'implemented') return outcome;
  const { end, changed, diffs } = outcome.implementation;
  return { end, changed, diffs };
}

/** What a session tells that did all its steps. */
export const DONE = {
  end: 'done',
  changed: ['api'],
  diffs: { api: { files: 2, insertions: 2, deletions: 0 } },
} as const;
