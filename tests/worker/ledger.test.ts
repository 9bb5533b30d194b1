import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Ledger } from '../../activities/ledger.ts';
import { budgetIdOf } from '../../domain/ids.ts';
import type { Account, ReserveOrder, ReserveReply, SettleOrder } from '../../domain/ledger.ts';
import { readLedger } from '../../client/runs.ts';
import { DEFAULT_LIMITS } from '../../domain/project.ts';
import { plannedRun } from '../support/run.ts';
import { noLedger, temporalLedger } from '../../worker/ledger.ts';
import { account } from '../../workflows/contract.ts';
import { temporaryFolder } from '../support/folder.ts';
import { startProduct } from '../support/product.ts';
import type { Product } from '../support/product.ts';

let product: Product;
let ledger: Ledger;

beforeAll(async () => {
  product = await startProduct(await temporaryFolder());
  ledger = temporalLedger(product.server.client);
}, 60_000);

afterAll(() => product.stop(), 60_000);

const order = (key: string, usd: number, limit: number): ReserveOrder => ({
  ...{ key, run: `shop/${key}`, wanted: { usd, tokens: 1 } },
  ...{ budget: { usd: limit, per: 'month' }, overdraft: { usd: 0, tokens: 0 } },
});
const spent = (key: string, usd: number): SettleOrder => ({
  ...{ key, run: `shop/${key}`, per: 'month', spent: { usd, tokens: 1 } },
});
const accountOf = (project: string): Promise<Account> =>
  product.server.client.workflow.getHandle(budgetIdOf(project)).query(account);

test('of many sessions that reserve at once, no more are granted than the budget holds', async () => {
  const keys = Array.from({ length: 9 }, (_, index) => `s${index}`);
  const replies = await Promise.all(
    keys.map(async (key): Promise<ReserveReply> => {
      const reply = await ledger.reserve('crowd', order(key, 1, 5));
      if (reply.kind === 'granted') await ledger.settle('crowd', spent(key, reply.granted.usd));
      return reply;
    }),
  );
  expect(replies.filter(({ kind }) => kind === 'granted')).toHaveLength(5);
  // Told busy is who came while too many waited already.
  expect(replies.filter(({ kind }) => kind === 'refused').length).toBeGreaterThan(0);
  expect(await ledger.reserve('crowd', order('late', 1, 5))).toMatchObject({ kind: 'refused' });
  const { entries } = await accountOf('crowd');
  expect(Object.values(entries).map((entry) => entry.spent?.usd)).toEqual([1, 1, 1, 1, 1]);
}, 60_000);

test('people see the budget of the project with the run', async () => {
  const limits = { ...DEFAULT_LIMITS, project: { usd: 5, per: 'month' as const } };
  const session = { client: product.server.client, namespace: 'default', address: '', close: async () => undefined };
  const line = expect.stringMatching(/^budget of crowd: \$5\.00 of \$5\.00 spent or reserved in \d{4}-\d\d$/);
  expect(await readLedger(session, { ...plannedRun(), project: 'crowd', limits })).toEqual([line]);
  expect(await readLedger(session, { ...plannedRun(), project: 'nobody', limits })).toEqual([]);
  expect(await readLedger(session, plannedRun())).toEqual([]);
});

test('a session waits for what another has reserved, and is granted what that one did not spend', async () => {
  await ledger.reserve('turns', order('a', 5, 5));
  const waiting = ledger.reserve('turns', order('b', 5, 5));
  await ledger.settle('turns', spent('a', 2));
  await ledger.settle('turns', spent('a', 2));
  expect(await waiting).toEqual({ kind: 'granted', granted: { usd: 3, tokens: 1 } });
});

test('an account outlives the history of its workflow', async () => {
  const sessions = 640;
  for (let first = 0; first < sessions; first += 8)
    await Promise.all(
      Array.from({ length: 8 }, async (_, index) => {
        await ledger.reserve('long', order(`s${first + index}`, 1, 1000));
        await ledger.settle('long', spent(`s${first + index}`, 0.5));
      }),
    );
  const { entries } = await accountOf('long');
  expect(Object.values(entries).reduce((sum, entry) => sum + (entry.spent?.usd ?? 0), 0)).toBe(sessions / 2);
  const runs: string[] = [];
  for await (const { runId } of product.server.client.workflow.list({ query: `WorkflowId = "${budgetIdOf('long')}"` }))
    runs.push(runId);
  expect(runs.length).toBeGreaterThan(1);
}, 60_000);

test('where there is no server, asking for a budget is a fault', async () => {
  await expect(noLedger.reserve('shop', order('a', 1, 1))).rejects.toThrow('no ledger for the budget of shop');
});
