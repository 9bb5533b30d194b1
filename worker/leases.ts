import { WithStartWorkflowOperation, WorkflowNotFoundError, WorkflowUpdateFailedError } from '@temporalio/client';
import type { Client } from '@temporalio/client';
import type { Leases } from '../activities/lease.ts';
import { poolIdOf } from '../domain/lease.ts';
import type { Extension } from '../domain/lease.ts';
import { HOSTS_ID, POOL, WORKFLOW_QUEUE, knownHosts, requestPool, signOfLife } from '../workflows/contract.ts';
import type { pool } from '../workflows/index.ts';

/** Leases are workflows of the server that the worker works for, which is what an installation is. */
export async function temporalLeases(client: Client): Promise<Leases> {
  const { namespaceInfo } = await client.workflowService.describeNamespace({ namespace: client.options.namespace });
  return {
    installation: (namespaceInfo?.id ?? '').slice(0, 8),
    extend: (id, extension) => isTaken(client, id, extension),
    isHeld: async (id) => {
      try {
        return (await client.workflow.getHandle(id).describe()).status.name === 'RUNNING';
      } catch (error) {
        if (error instanceof WorkflowNotFoundError) return false;
        throw error;
      }
    },
    hosts: async () => {
      try {
        return Object.keys(
          await client.withDeadline(Date.now() + PATIENCE_MS, () =>
            client.workflow.getHandle(HOSTS_ID).query(knownHosts),
          ),
        );
      } catch (error) {
        if (error instanceof WorkflowNotFoundError) return [];
        throw error;
      }
    },
    requestPool: (request) =>
      client.workflow.executeUpdateWithStart(requestPool, {
        startWorkflowOperation: new WithStartWorkflowOperation<typeof pool>(POOL, {
          workflowId: poolIdOf(request.order.key),
          workflowIdConflictPolicy: 'USE_EXISTING',
          taskQueue: WORKFLOW_QUEUE,
          staticSummary: `Warm environments of ${request.order.key}`,
          args: [{ order: request.order }],
        }),
        args: [request],
      }),
  };
}

const PATIENCE_MS = 20_000;

async function isTaken(client: Client, id: string, extension: Extension): Promise<boolean> {
  const options = { args: [extension] as [Extension] };
  try {
    await client.withDeadline(Date.now() + PATIENCE_MS, () =>
      client.workflow.getHandle(id).executeUpdate(signOfLife, options),
    );
    return true;
  } catch (error) {
    if (error instanceof WorkflowNotFoundError || error instanceof WorkflowUpdateFailedError) return false;
    throw error;
  }
}

/** For processes without a server: everything is held by whoever works with it. */
export const noLeases: Leases = {
  installation: 'none',
  extend: async () => true,
  isHeld: async () => true,
  hosts: async () => [],
  requestPool: async () => null,
};
