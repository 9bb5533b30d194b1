import { WithStartWorkflowOperation, WorkflowNotFoundError } from '@temporalio/client';
import type { Client } from '@temporalio/client';
import type { Leases } from '../activities/lease.ts';
import { poolIdOf } from '../domain/lease.ts';
import { POOL, WORKFLOW_QUEUE, extendLease, requestPool } from '../workflows/contract.ts';
import type { pool } from '../workflows/index.ts';

/** Leases are workflows of the server that the worker works for, which is what an installation is. */
export async function temporalLeases(client: Client): Promise<Leases> {
  const { namespaceInfo } = await client.workflowService.describeNamespace({ namespace: client.options.namespace });
  return {
    installation: (namespaceInfo?.id ?? '').slice(0, 8),
    extend: (id) => isThere(client.workflow.getHandle(id).signal(extendLease, {})),
    isHeld: async (id) => {
      try {
        return (await client.workflow.getHandle(id).describe()).status.name === 'RUNNING';
      } catch (error) {
        if (error instanceof WorkflowNotFoundError) return false;
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

async function isThere(work: Promise<void>): Promise<boolean> {
  try {
    await work;
    return true;
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return false;
    throw error;
  }
}

/** For processes without a server: everything is held by whoever works with it. */
export const noLeases: Leases = {
  installation: 'none',
  extend: async () => true,
  isHeld: async () => true,
  requestPool: async () => null,
};
