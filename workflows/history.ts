import { workflowInfo } from '@temporalio/workflow';

const MANY_EVENTS = 2000;

/** True when the workflow should continue as new. */
export function longHistory(): boolean {
  const { continueAsNewSuggested, historyLength } = workflowInfo();
  return continueAsNewSuggested || historyLength > MANY_EVENTS;
}
