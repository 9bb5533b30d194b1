import type { Client } from '@temporalio/client';
import { HOSTS, HOSTS_ID, WORKFLOW_QUEUE, hostSign } from '../workflows/contract.ts';
import type { hosts } from '../workflows/index.ts';

const SIGN_MS = 12 * 3_600_000;

/** Tells the server that a worker of this host is up: once. */
export async function signHost(client: Client, host: string): Promise<void> {
  await client.workflow.signalWithStart<typeof hosts, [string]>(HOSTS, {
    workflowId: HOSTS_ID,
    taskQueue: WORKFLOW_QUEUE,
    staticSummary: 'Hosts with workers',
    args: [{}],
    signal: hostSign,
    signalArgs: [host],
  });
}

/** The same now and twice a day until it is stopped. A sign that cannot be given is told of and holds nothing up. */
export async function keepHostKnown(
  client: Client,
  { host, warn }: { readonly host: string; readonly warn: (line: string) => void },
): Promise<() => void> {
  const sign = (): Promise<void> =>
    signHost(client, host).catch((error: unknown) =>
      warn(
        `no sweep will look at this host until it is known: ${error instanceof Error ? error.message : String(error)}`,
      ),
    );
  await sign();
  const timer = setInterval(() => void sign(), SIGN_MS);
  return () => clearInterval(timer);
}
