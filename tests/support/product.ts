import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { WorkflowHandleWithFirstExecutionRunId } from '@temporalio/client';
import { DefaultLogger, NativeConnection, Runtime } from '@temporalio/worker';
import type { WorkflowBundleOption } from '@temporalio/worker';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import type { Project } from '../../domain/project.ts';
import type { Run } from '../../domain/run.ts';
import { parseProject } from '../../formats/project.ts';
import { wanted } from '../../worker/claims.ts';
import { workerConfig } from '../../worker/config.ts';
import { temporalLeases } from '../../worker/leases.ts';
import { temporalLedger } from '../../worker/ledger.ts';
import { createPorts } from '../../worker/ports.ts';
import { createWorkers, workflowBundle } from '../../worker/run.ts';
import { DELIVER, WORKFLOW_QUEUE, state } from '../../workflows/contract.ts';
import type { deliver } from '../../workflows/index.ts';
import { startTestServer } from './temporal.ts';

/** The product as a worker process assembles it, in this process, on a server of its own. */
export interface Product {
  readonly server: TestWorkflowEnvironment;
  readonly home: string;
  /** Starts a run and gives its handle. */
  start(order: {
    project: Project;
    text: string;
    workId: string;
  }): Promise<WorkflowHandleWithFirstExecutionRunId<typeof deliver>>;
  /** Waits until the run is at a person or at its end. */
  settled(workId: string, project?: string): Promise<Run>;
  /** Stops the workers: what needs one waits. */
  dismiss(): Promise<void>;
  /** Starts workers after `dismiss`. */
  hire(): Promise<void>;
  /** Starts workers of another host, with a state folder of their own; gives what stops them. */
  hireElsewhere(home: string): Promise<() => Promise<void>>;
  /** Stops the workers, and starts others. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

let bundled: Promise<WorkflowBundleOption> | undefined;

export async function startProduct(
  home: string,
  extra: Readonly<Record<string, string>> = {},
  uiPort?: number,
): Promise<Product> {
  try {
    Runtime.install({ logger: new DefaultLogger('ERROR') });
  } catch {
    // Another test of this process has installed it.
  }
  const server = await startTestServer(uiPort);
  bundled ??= workflowBundle();
  const bundle = await bundled;
  const staff = async (place = home): Promise<() => Promise<void>> => {
    const config = workerConfig({ PATH: process.env['PATH'], SPEC_TO_PR_HOME: place, HOME: place, ...extra });
    // A process may have one worker of a queue for each connection.
    const native = await NativeConnection.connect({ address: server.address });
    const workers = await createWorkers({
      native,
      client: server.client,
      namespace: 'default',
      ports: createPorts(
        config,
        { name: 'Test', email: 'test@example.com' },
        {
          ledger: temporalLedger(server.client),
          leases: await temporalLeases(server.client),
        },
      ),
      binding: { claim: async () => async () => undefined, wanted: wanted(server.client), redact: config.redact },
      bundle,
    });
    const running = Promise.all(workers.map((worker) => worker.run()));
    return async () => {
      for (const worker of workers) worker.shutdown();
      await running;
      await native.close();
    };
  };
  let dismiss = await staff();
  return {
    server,
    home,
    start: ({ project, text, workId }) =>
      server.client.workflow.start<typeof deliver>(DELIVER, {
        workflowId: `${project.key}/${workId}`,
        taskQueue: WORKFLOW_QUEUE,
        args: [{ workId, project, source: { kind: 'inline', name: 'test', text } }],
      }),
    settled: async (workId, project = 'shop') => {
      for (;;) {
        const run = await server.client.workflow.getHandle(`${project}/${workId}`).query(state);
        if (run.ending !== null || run.escalation !== null) return run;
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    },
    dismiss: async () => {
      await dismiss();
      dismiss = async () => undefined;
    },
    hire: async () => {
      dismiss = await staff();
    },
    hireElsewhere: staff,
    restart: async () => {
      await dismiss();
      dismiss = await staff();
    },
    stop: async () => {
      await dismiss();
      await server.teardown();
    },
  };
}

/** The project file of a prepared folder, with changes. */
export async function projectIn(folder: string, changes: Partial<Project> = {}): Promise<Project> {
  const text = await readFile(path.join(folder, 'spec-to-pr.yaml'), 'utf8');
  return { ...parseProject({ text, name: 'spec-to-pr.yaml', directory: folder }), ...changes };
}
