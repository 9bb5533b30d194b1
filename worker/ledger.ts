import { WithStartWorkflowOperation } from '@temporalio/client';
import type { Client } from '@temporalio/client';
import type { Ledger } from '../activities/ledger.ts';
import { NEW_ACCOUNT } from '../domain/ledger.ts';
import { budgetIdOf } from '../domain/ids.ts';
import { BUDGET, WORKFLOW_QUEUE, reserveSession, settleSession } from '../workflows/contract.ts';
import type { budget } from '../workflows/index.ts';

/** The ledger of each project is a workflow of its own, started by whoever needs it first. */
export function temporalLedger(client: Client): Ledger {
  const startOf = (project: string): WithStartWorkflowOperation<typeof budget> =>
    new WithStartWorkflowOperation(BUDGET, {
      workflowId: budgetIdOf(project),
      workflowIdConflictPolicy: 'USE_EXISTING',
      taskQueue: WORKFLOW_QUEUE,
      staticSummary: `Budget of ${project}`,
      args: [NEW_ACCOUNT],
    });
  return {
    reserve: (project, order) =>
      client.workflow.executeUpdateWithStart(reserveSession, {
        startWorkflowOperation: startOf(project),
        args: [order],
      }),
    settle: (project, order) =>
      client.workflow.executeUpdateWithStart(settleSession, {
        startWorkflowOperation: startOf(project),
        args: [order],
      }),
  };
}

/** For worker processes without a server: a session of a project with a budget is a fault there. */
export const noLedger: Ledger = {
  reserve: async (project) => Promise.reject(new Error(`no ledger for the budget of ${project}`)),
  settle: async (project) => Promise.reject(new Error(`no ledger for the budget of ${project}`)),
};
