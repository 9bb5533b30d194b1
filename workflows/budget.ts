import { allHandlersFinished, condition, continueAsNew, setHandler } from '@temporalio/workflow';
import { reserve, settle } from '../domain/ledger.ts';
import type { Account, Moment, ProjectBudget, ReserveReply } from '../domain/ledger.ts';
import { account as accountQuery, reserveSession, settleSession } from './contract.ts';
import { longHistory } from './history.ts';

// Shorter than a caller waits for the reply.
const BUSY_WAIT = '10s';

/** The ledger of one project: lives for as long as the project has a budget. One update at a time, so sums are exact. */
export async function budget(input: Account): Promise<void> {
  let account = input;
  let settled = 0;
  setHandler(accountQuery, () => account, { description: 'What sessions have reserved and spent' });
  setHandler(
    reserveSession,
    async (order) => {
      const ask = (): ReserveReply => {
        const { account: next, reply } = reserve(account, order, momentOf(order.budget.per));
        account = next;
        return reply;
      };
      const reply = ask();
      if (reply.kind !== 'busy') return reply;
      const seen = settled;
      await condition(() => settled !== seen, BUSY_WAIT);
      return ask();
    },
    { description: 'Asks for what a session may spend at most' },
  );
  setHandler(
    settleSession,
    (order) => {
      account = settle(account, order, momentOf(order.per));
      settled += 1;
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
