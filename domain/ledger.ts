import { grantFor } from './budget.ts';
import type { Spending } from './budget.ts';
import { dollars } from './text.ts';

/** Limits that all runs of a project share, in windows of UTC. */
export interface ProjectBudget extends Partial<Spending> {
  readonly per: 'day' | 'month';
}

/** One session: what it was granted, and what it has spent once that is known. `at` in milliseconds since the epoch. */
interface Entry {
  readonly run: string;
  readonly at: number;
  readonly window: string;
  readonly granted: Spending;
  readonly spent?: Spending;
}

/** What a project's sessions have reserved and spent. */
export interface Account {
  readonly window: string;
  /** Of the window, by sessions whose entries are gone. */
  readonly earlier: Spending;
  readonly entries: Readonly<Record<string, Entry>>;
}

/** A window of the budget; `until` is its end. Milliseconds since the epoch. */
export interface Moment {
  readonly now: number;
  readonly window: string;
  readonly until: number;
}

export interface ReserveOrder {
  /** Names the session: asked again, it is granted the same. */
  readonly key: string;
  /** Id of the run's workflow. */
  readonly run: string;
  readonly wanted: Spending;
  readonly budget: ProjectBudget;
  /** What people have granted this run beyond the budget. */
  readonly overdraft: Spending;
}

/** `busy`: what is left is reserved by sessions at work. `refused`: it is spent, until then, or until `short` is granted beyond it. */
export type ReserveReply =
  | { readonly kind: 'granted'; readonly granted: Spending }
  | { readonly kind: 'busy'; readonly why: string }
  | { readonly kind: 'refused'; readonly why: string; readonly until: number; readonly short?: Partial<Spending> };

export interface SettleOrder {
  readonly key: string;
  readonly run: string;
  readonly per: ProjectBudget['per'];
  /** Without what is unknown: then all that was granted of it counts. */
  readonly spent: Partial<Spending>;
}

const HOUR_MS = 3_600_000;
// A session that has not told by then never will.
const OPEN_MS = 24 * HOUR_MS;
const KEPT_MS = 48 * HOUR_MS;
// Less is no budget for a session.
const LEAST: Spending = { usd: 0.01, tokens: 1 };
const NOTHING: Spending = { usd: 0, tokens: 0 };
const UNITS = ['usd', 'tokens'] as const;

export const NEW_ACCOUNT: Account = { window: '', earlier: NOTHING, entries: {} };

/** Reserves as much of what is wanted as is left. A session that has a reservation keeps it. */
export function reserve(
  before: Account,
  order: ReserveOrder,
  moment: Moment,
): { readonly account: Account; readonly reply: ReserveReply } {
  const account = rolled(before, moment);
  const known = account.entries[order.key];
  if (known !== undefined) return { account, reply: { kind: 'granted', granted: known.granted } };
  const [closed, open] = [closedIn(account, moment), openIn(account, moment)];
  const { budget, overdraft, wanted } = order;
  for (const unit of UNITS) {
    const limit = (budget[unit] ?? Infinity) + overdraft[unit];
    if (limit - closed[unit] - open[unit] >= LEAST[unit]) continue;
    const used = limit - closed[unit] < LEAST[unit];
    const why = sentence(account, { unit, limit, per: budget.per, used: used ? closed : add(closed, open) });
    if (!used) return { account, reply: { kind: 'busy', why } };
    const short = shortOf(order, closed);
    return { account, reply: { kind: 'refused', why, until: moment.until, short } };
  }
  const granted = map((unit) =>
    Math.min(wanted[unit], (budget[unit] ?? Infinity) + overdraft[unit] - closed[unit] - open[unit]),
  );
  const entry: Entry = { run: order.run, at: moment.now, window: moment.window, granted };
  const entries = { ...account.entries, [order.key]: entry };
  return { account: { ...account, entries }, reply: { kind: 'granted', granted } };
}

/** What the run would have to be granted of each unit that is spent. */
function shortOf({ budget, overdraft }: ReserveOrder, closed: Spending): Partial<Spending> {
  const units = UNITS.flatMap((unit) => {
    const limit = (budget[unit] ?? Infinity) + overdraft[unit];
    return limit - closed[unit] < LEAST[unit] ? [[unit, grantFor(closed[unit], limit)]] : [];
  });
  return Object.fromEntries(units);
}

/** Books what a session has spent, in the window in which it is told; a second telling changes nothing. */
export function settle(before: Account, { key, run, spent }: SettleOrder, moment: Moment): Account {
  const account = rolled(before, moment);
  const known = account.entries[key];
  if (known?.spent !== undefined) return account;
  const granted = known?.granted ?? NOTHING;
  const { now: at, window } = moment;
  const entry: Entry = { run, at, window, granted, spent: { ...granted, ...spent } };
  return { ...account, entries: { ...account.entries, [key]: entry } };
}

/** What counts in the account's window, reservations of sessions at work included. */
export function usedIn(account: Account, moment: Moment): Spending {
  const now = rolled(account, moment);
  return add(closedIn(now, moment), openIn(now, moment));
}

/** One line for people: what is spent or reserved of each limit, in the window of the newest session. */
export function ledgerLine({ window, earlier, entries }: Account, { usd, tokens }: ProjectBudget): string {
  const used = Object.values(entries)
    .filter((entry) => entry.window === window)
    .reduce((sum, { spent, granted }) => add(sum, spent ?? granted), earlier);
  const parts = [
    ...(usd === undefined ? [] : [`${dollars(used.usd)} of ${dollars(usd)}`]),
    ...(tokens === undefined ? [] : [`${used.tokens} of ${tokens} tokens`]),
  ];
  return `${parts.join(', ')} spent or reserved in ${window}`;
}

/** The account in the window of the moment; entries that no retry can ask for again are summed up. */
function rolled(account: Account, { now, window }: Moment): Account {
  const entries: Record<string, Entry> = {};
  let earlier = account.window === window ? account.earlier : NOTHING;
  for (const [key, entry] of Object.entries(account.entries)) {
    if (now - entry.at < KEPT_MS) entries[key] = entry;
    else if (entry.window === window) earlier = add(earlier, entry.spent ?? entry.granted);
  }
  return { window, earlier, entries };
}

const isOpen = ({ spent, at }: Entry, now: number): boolean => spent === undefined && now - at < OPEN_MS;

function openIn({ entries }: Account, { now }: Moment): Spending {
  const open = Object.values(entries).filter((entry) => isOpen(entry, now));
  return open.reduce((sum, { granted }) => add(sum, granted), NOTHING);
}

function closedIn({ earlier, entries }: Account, { now, window }: Moment): Spending {
  const closed = Object.values(entries).filter((entry) => entry.window === window && !isOpen(entry, now));
  return closed.reduce((sum, { spent, granted }) => add(sum, spent ?? granted), earlier);
}

interface Shortage {
  readonly unit: keyof Spending;
  readonly limit: number;
  readonly per: ProjectBudget['per'];
  readonly used: Spending;
}

function sentence(account: Account, { unit, limit, per, used }: Shortage): string {
  const show = (amount: number): string => (unit === 'usd' ? dollars(amount) : `${amount} tokens`);
  const users = new Map<string, number>();
  for (const { run, window, spent, granted } of Object.values(account.entries))
    if (window === account.window) users.set(run, (users.get(run) ?? 0) + (spent ?? granted)[unit]);
  const most = [...users].toSorted(([, a], [, b]) => b - a).slice(0, 3);
  const by = most.map(([run, amount]) => `${run} ${show(amount)}`).join(', ');
  return `${show(used[unit])} of the project's ${show(limit)} a ${per} are used or reserved${by === '' ? '' : ` (${by})`}`;
}

function map(amount: (unit: keyof Spending) => number): Spending {
  return { usd: amount('usd'), tokens: amount('tokens') };
}

function add(a: Spending, b: Spending): Spending {
  return map((unit) => a[unit] + b[unit]);
}
