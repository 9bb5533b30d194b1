import { reservationOf } from '../domain/budget.ts';
import type { Reservation, SessionCost } from '../domain/budget.ts';
import type { ReserveOrder, ReserveReply, SettleOrder } from '../domain/ledger.ts';
import type { Outcome } from '../domain/outcome.ts';
import type { Run } from '../domain/run.ts';
import { FaultAfterSession, Interruption } from './io.ts';
import type { Ports } from './ports.ts';

/** What all runs of a project have reserved and spent, wherever they run. Both calls may be repeated. */
export interface Ledger {
  reserve(project: string, order: ReserveOrder): Promise<ReserveReply>;
  settle(project: string, order: SettleOrder): Promise<void>;
}

// Other sessions may spend less than they have reserved.
const BUSY_WAIT_MS = 60_000;

/** What one session may spend, and whom to tell what it has spent as soon as it has ended. */
export interface SessionFunds {
  readonly reservation: Reservation;
  readonly ended: (spent: SessionCost) => void;
}

/**
 * Does work that holds one session, within what is left of the budgets. Where the project's has nothing left, the session is
 * not started. What the session has cost is booked, also when something fails after its end: that is a FaultAfterSession. A
 * session that will go on keeps its reservation.
 */
export async function withFunds(
  { ledger }: Pick<Ports, 'ledger'>,
  { run, name }: { readonly run: Run; readonly name: string },
  work: (funds: SessionFunds) => Promise<Outcome>,
): Promise<Outcome> {
  const own = reservationOf(run);
  const { project: budget } = run.limits;
  if (budget === undefined) return paid(own, work);
  const { workflowId, firstRunId } = run.key;
  const session = { key: `${workflowId}:${firstRunId}:${name}`, run: workflowId };
  const wanted = { usd: own.usd, tokens: own.tokens };
  const order = { ...session, wanted, budget, overdraft: run.overdraft ?? { usd: 0, tokens: 0 } };
  const reply = await ledger.reserve(run.project, order);
  if (reply.kind === 'refused') return { ...reply, kind: 'unfunded' };
  if (reply.kind === 'busy') return { kind: 'parked', until: Date.now() + BUSY_WAIT_MS, why: reply.why };
  const settle = (spent: SettleOrder['spent']): Promise<void> =>
    ledger.settle(run.project, { ...session, per: budget.per, spent });
  const outcome = await paid(reservationOf(run, reply.granted), work).catch(async (error: unknown) => {
    const spent = spentBefore(error, reply.granted);
    if (spent !== undefined) await settle(spent).catch(() => undefined);
    throw error;
  });
  const cost = costOf(outcome);
  if (cost !== undefined)
    await settle(known(cost)).catch((error: unknown) => {
      throw new FaultAfterSession(error, cost);
    });
  return outcome;
}

async function paid(reservation: Reservation, work: (funds: SessionFunds) => Promise<Outcome>): Promise<Outcome> {
  const told: { spent?: SessionCost } = {};
  const ended: SessionFunds['ended'] = (spent) => {
    told.spent = spent;
  };
  try {
    return await work({ reservation, ended });
  } catch (error) {
    throw told.spent === undefined || error instanceof Interruption ? error : new FaultAfterSession(error, told.spent);
  }
}

function spentBefore(error: unknown, granted: ReserveOrder['wanted']): SettleOrder['spent'] | undefined {
  if (error instanceof FaultAfterSession) return known(error.spent);
  // What a session that was cut off has cost, nobody will tell: all of its reservation counts.
  return error instanceof Interruption && error.mode === 'stop' ? { tokens: granted.tokens } : undefined;
}

function costOf(outcome: Outcome): SessionCost | undefined {
  if (outcome.kind === 'implemented') return outcome.implementation;
  return outcome.kind === 'diagnosed' ? outcome.diagnosis : undefined;
}

function known({ usd, tokens, unpriced, untold }: SessionCost): SettleOrder['spent'] {
  if (untold === true) return {};
  return unpriced === true ? { tokens } : { usd, tokens };
}
