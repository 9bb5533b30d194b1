import { allHandlersFinished, condition, continueAsNew, setHandler } from '@temporalio/workflow';
import { reserve, settle } from '../domain/ledger.ts';
import type { Account, Moment, ProjectBudget, ReserveOrder, ReserveReply } from '../domain/ledger.ts';
import { account as accountQuery, reserveSession, settleSession } from './contract.ts';
import { longHistory } from './history.ts';

// Shorter than a caller waits for the reply.
const BUSY_WAIT_MS = 10_000;
// The server holds ten updates of a workflow at a time: there has to be room for those that settle.
const MOST_WAITING = 4;

/** The ledger of one project: lives for as long as the project has a budget. One update at a time, so sums are exact. */
export async function budget(input: Account): Promise<void> {
  let account = input;
  let waiting = 0;
  const probe = (order: ReserveOrder): ReserveReply => reserve(account, order, momentOf(order.budget.per)).reply;
  const ask = (order: ReserveOrder): ReserveReply => {
    const { account: next, reply } = reserve(account, order, momentOf(order.budget.per));
    account = next;
    return reply;
  };
  setHandler(accountQuery, () => account, { description: 'What sessions have reserved and spent' });
  setHandler(
    reserveSession,
    async (order) => {
      const until = Date.now() + BUSY_WAIT_MS;
      let reply = ask(order);
      if (waiting >= MOST_WAITING) return reply;
      waiting += 1;
      while (reply.kind === 'busy' && (await condition(() => probe(order).kind !== 'busy', until - Date.now())))
        reply = ask(order);
      waiting -= 1;
      return reply;
    },
    { description: 'Asks for what a session may spend at most' },
  );
  setHandler(
    settleSession,
    (order) => {
      account = settle(account, order, momentOf(order.per));
    },
    { description: 'Tells what a session has spent' },
  );
  await condition(longHistory);
  await condition(allHandlersFinished);
  await continueAsNew<typeof budget>(account);
}

/** The window, by UTC, that the workflow's clock is in. */
function momentOf(per: ProjectBudget['per']): Moment {
  const now = Date.now();
  const date = new Date(now);
  const [year, month, day] = [date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate()];
  const until = per === 'day' ? Date.UTC(year, month, day + 1) : Date.UTC(year, month + 1, 1);
  return { now, window: date.toISOString().slice(0, per === 'day' ? 10 : 7), until };
}
