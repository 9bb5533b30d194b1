import { budgetIdOf } from '../domain/ids.ts';
import type { Account } from '../domain/ledger.ts';
import type { Run } from '../domain/run.ts';
import { account, state } from '../workflows/contract.ts';
import { activityLines } from './activity.ts';
import { connectConfig, recordedServer } from './embedded.ts';
import type { Environment } from './embedded.ts';
import { Absent, asker } from './http-api.ts';
import type { Ask } from './http-api.ts';
import { describeRun, newestRun, queryRun, resultOf } from './http-runs.ts';
import { budgetLines } from './view.ts';

/** A run as it stands, with what its activities and its project's ledger say, a line each; both are empty once it has ended. */
export interface Glimpse {
  readonly run: Run;
  readonly live: boolean;
  readonly activity: readonly string[];
  readonly ledger: readonly string[];
  readonly ui?: string;
  readonly namespace: string;
}

/** Which run, by its work or workflow id; `whole`: the answer of its query, also when it has ended and left a result. */
export interface GlanceOrder {
  readonly environment: Environment;
  readonly home: string;
  readonly id: string;
  readonly whole: boolean;
}

/**
 * Reads a run by the HTTP API of the embedded server: loading Temporal's client takes longer than all the rest of a look. Nothing when
 * there is no such server, no such run, or it does not answer at once: then the client has the better means, and the better errors.
 */
export async function glance({ environment, home, id, whole }: GlanceOrder): Promise<Glimpse | undefined> {
  try {
    const { connectionOptions, namespace = 'default' } = connectConfig(environment);
    const server = connectionOptions.address === undefined ? await recordedServer(home) : undefined;
    if (server === undefined) return undefined;
    const ask = asker(`${server.ui}/api/v1/namespaces/${encodeURIComponent(namespace)}/workflows`);
    const workflowId = id.includes('/') ? id : await newestRun(ask, id);
    const { live, open } = await describeRun(ask, workflowId);
    const ended = live || whole ? undefined : await resultOf(ask, workflowId);
    const run: Run = ended ?? JSON.parse(await queryRun(ask, workflowId, state));
    const told = { run, live, ui: server.ui, namespace };
    if (!live || whole) return { ...told, activity: [], ledger: [] };
    return { ...told, activity: activityLines(open), ledger: await readLedger(ask, run) };
  } catch {
    return undefined;
  }
}

async function readLedger(ask: Ask, run: Run): Promise<readonly string[]> {
  if (run.limits.project === undefined) return [];
  try {
    const told: Account = JSON.parse(await queryRun(ask, budgetIdOf(run.project), account));
    return budgetLines(run, told);
  } catch (error) {
    if (error instanceof Absent) return [];
    throw error;
  }
}
