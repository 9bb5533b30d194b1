import { expect, test } from '@jest/globals';
import { NEW_ACCOUNT, ledgerLine, reserve, settle, usedIn } from '../../domain/ledger.ts';
import type { Account, Moment, ReserveOrder, ReserveReply } from '../../domain/ledger.ts';

const HOUR = 3_600_000;
/** A moment of a day's window. */
const on = (day: number, hours = 0): Moment => ({
  now: (day * 24 + hours) * HOUR,
  window: `day ${day}`,
  until: (day + 1) * 24 * HOUR,
});
const order = (key: string, usd: number, changes: Partial<ReserveOrder> = {}): ReserveOrder => ({
  key,
  run: `shop/${key[0]}`,
  wanted: { usd, tokens: 100 },
  budget: { usd: 10, per: 'day' },
  overdraft: { usd: 0, tokens: 0 },
  ...changes,
});
const told = (key: string, usd: number | undefined, tokens = 10) => ({
  key,
  run: `shop/${key[0]}`,
  per: 'day' as const,
  spent: { ...(usd === undefined ? {} : { usd }), tokens },
});
const granted = (usd: number): ReserveReply => ({ kind: 'granted', granted: { usd, tokens: 100 } });

function after(...steps: readonly ((account: Account) => Account)[]): Account {
  return steps.reduce((account, step) => step(account), NEW_ACCOUNT);
}
const reserved =
  (key: string, usd: number, moment = on(1)) =>
  (account: Account): Account =>
    reserve(account, order(key, usd), moment).account;
const settled =
  (key: string, usd: number | undefined, moment = on(1)) =>
  (account: Account): Account =>
    settle(account, told(key, usd), moment);

test.each<[string, Account, ReserveReply]>([
  ['is there', NEW_ACCOUNT, granted(4)],
  ['is partly reserved', after(reserved('a1', 7)), granted(3)],
  [
    'is reserved by others',
    after(reserved('a1', 6), reserved('b1', 4)),
    { kind: 'busy', why: "$10.00 of the project's $10.00 a day are used or reserved (shop/a $6.00, shop/b $4.00)" },
  ],
  ['was reserved and not spent', after(reserved('a1', 10), settled('a1', 1)), granted(4)],
  [
    'is spent',
    after(reserved('a1', 6), settled('a1', 6.5), reserved('b1', 4), settled('b1', 3.5)),
    {
      kind: 'refused',
      why: "$10.00 of the project's $10.00 a day are used or reserved (shop/a $6.50, shop/b $3.50)",
      until: 48 * HOUR,
      short: { usd: 1 },
    },
  ],
  ['was spent yesterday', after(reserved('a1', 10, on(0)), settled('a1', 10, on(0))), granted(4)],
  ['is spent for a cost that is unknown', after(reserved('a1', 8), settled('a1', undefined)), granted(2)],
  ['is reserved since yesterday', after(reserved('a1', 8, on(0, 23))), granted(2)],
  ['was reserved by a session that never told', after(reserved('a1', 10, on(0))), granted(4)],
])('a session that wants $4 of a budget that %s', (_, account, reply) => {
  expect(reserve(account, order('c1', 4), on(1)).reply).toEqual(reply);
});

test('asked again, a session keeps its reservation, also when it has told what it spent', () => {
  const once = after(reserved('a1', 7));
  expect(reserve(once, order('a1', 9), on(1))).toEqual({ account: once, reply: granted(7) });
  const spent = settle(once, told('a1', 5), on(1));
  expect(reserve(spent, order('a1', 9), on(1)).reply).toEqual(granted(7));
});

test('what a session has spent counts once, and in the window in which it is told', () => {
  const account = after(reserved('a1', 7, on(0, 23)), settled('a1', 5, on(1)), settled('a1', 6, on(1)));
  expect([usedIn(account, on(1)), usedIn(account, on(2))]).toEqual([
    { usd: 5, tokens: 10 },
    { usd: 0, tokens: 0 },
  ]);
});

test('a grant of a person lets one run pass the budget by that much', () => {
  const account = after(reserved('a1', 10), settled('a1', 10));
  const overdraft = { usd: 2, tokens: 0 };
  expect(reserve(account, order('b1', 4, { overdraft }), on(1)).reply).toEqual(granted(2));
  expect(reserve(account, order('c1', 4), on(1)).reply.kind).toBe('refused');
  const used = after(reserved('a1', 10), settled('a1', 14));
  expect(reserve(used, order('b1', 4, { overdraft }), on(1)).reply).toMatchObject({ short: { usd: 4 } });
});

test('tokens are a budget of their own', () => {
  const budget = { tokens: 150, per: 'month' as const };
  const first = reserve(NEW_ACCOUNT, order('a1', 99, { budget }), on(1));
  expect(first.reply).toEqual(granted(99));
  expect(reserve(first.account, order('b1', 99, { budget }), on(1)).reply).toEqual({
    ...{ kind: 'granted', granted: { usd: 99, tokens: 50 } },
  });
});

test('whatever sessions come and go, settled and reserved money never passes the budget', () => {
  let seed = 7;
  const random = (): number => (seed = (seed * 16_807) % 2_147_483_647) / 2_147_483_647;
  let account = NEW_ACCOUNT;
  const open = new Map<string, number>();
  for (let n = 0; n < 2000; n += 1) {
    const moment = on(Math.floor(n / 100), (n % 100) * 0.2);
    const { account: next, reply } = reserve(account, order(`${n}`, random() * 4), moment);
    account = next;
    if (reply.kind === 'granted') open.set(`${n}`, reply.granted.usd);
    for (const [key, most] of open)
      if (random() < 0.5 && open.delete(key)) account = settle(account, told(key, most * random()), moment);
    expect(usedIn(account, moment).usd).toBeLessThanOrEqual(10 + 1e-9);
  }
});

test('a line for people tells what is used of each limit', () => {
  const account = after(reserved('a1', 7), settled('a1', 5.5), reserved('b1', 2));
  expect(ledgerLine(account, { usd: 10, tokens: 500, per: 'day' })).toBe(
    '$7.50 of $10.00, 110 of 500 tokens spent or reserved in day 1',
  );
  expect(ledgerLine(account, { usd: 10, per: 'day' })).toBe('$7.50 of $10.00 spent or reserved in day 1');
});

test('the account of a busy month stays small and keeps its sum', () => {
  let account = NEW_ACCOUNT;
  const month = (hours: number): Moment => ({ now: hours * HOUR, window: 'May', until: 744 * HOUR });
  for (let hour = 0; hour < 700; hour += 1) account = settle(account, told(`${hour}`, 1), month(hour));
  expect(Object.keys(account.entries).length).toBeLessThanOrEqual(48);
  expect(usedIn(account, month(700)).usd).toBeCloseTo(700, 9);
});
