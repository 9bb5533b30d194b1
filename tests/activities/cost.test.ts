import { expect, test } from '@jest/globals';
import { costMissing, optionsWithPrice, priced } from '../../activities/cost.ts';
import type { AgentReport } from '../../activities/agents/index.ts';
import type { Prices } from '../../domain/prices.ts';
import type { AgentChoice } from '../../domain/project.ts';

const PRICES: Prices = {
  asOf: '2026-11-01',
  models: { 'gpt-9': { input: 1, output: 10 }, mine: { input: 0, output: 0 } },
};
const codex = (model?: string): AgentChoice => ({
  name: 'codex',
  options: {},
  ...(model === undefined ? {} : { model }),
});
const report = (changes: Partial<AgentReport> = {}): AgentReport => ({
  ...{ end: 'done', why: '', summary: '', sessionId: 's', turns: 1, transcript: 't' },
  ...{ usd: 0, tokens: 1_200_000, usage: { input: 800_000, output: 200_000, cached: 200_000 } },
  ...changes,
});

test.each<[string, AgentReport, AgentChoice, { usd: number; unpriced?: true }]>([
  ['tokens of a model with a price', report(), codex('gpt-9'), { usd: 2.82 }],
  ['a dated name of the model', report(), codex('gpt-9-20261001'), { usd: 2.82 }],
  ['another model', report(), codex('gpt-9-mini'), { usd: 0, unpriced: true }],
  ['a model that nobody names', report(), codex(), { usd: 0, unpriced: true }],
  [
    'a model that the agent alone names',
    report({ usage: { ...{ input: 5e5, output: 0, cached: 0 }, model: 'gpt-9' } }),
    codex(),
    { usd: 0.5 },
  ],
  ['a model that costs nothing', report(), codex('mine'), { usd: 0 }],
  ['a built-in price', report(), codex('claude-sonnet-4-5'), { usd: 5.46 }],
  ['no tokens at all', report({ tokens: 0 }), codex('gpt-7'), { usd: 0 }],
  ["the agent's own figure", report({ usd: 7 }), codex('gpt-9'), { usd: 7 }],
  ['a rehearsal', report(), { name: 'scripted', options: {} }, { usd: 0 }],
])('the cost of a session by %s', (_, told, agent, { usd, unpriced }) => {
  const { usd: cost, ...rest } = priced(told, agent, PRICES);
  expect(cost).toBeCloseTo(usd, 9);
  const { usd: _usd, ...others } = told;
  expect(rest).toEqual({ ...others, ...(unpriced === undefined ? {} : { unpriced }) });
});

test('tokens that are not told apart have no price, and the line for people names the model', () => {
  const { usage: _, ...sum } = report();
  const unpriced = priced(sum, codex('gpt-9'), PRICES);
  expect(unpriced.unpriced).toBe(true);
  expect(costMissing(unpriced, codex('gpt-9'))).toBe(
    'no price is known for gpt-9: the cost of this session is unknown',
  );
  expect(costMissing(unpriced, codex())).toBe(
    'no price is known for the model of codex: the cost of this session is unknown',
  );
  expect(costMissing(sum, codex())).toBeUndefined();
});

test('a session that told nothing has an unknown cost, unless its model or its agent is known to cost nothing', () => {
  const { usage: _, ...told } = report({ tokens: 0, untold: true });
  const silent = (model?: string): AgentChoice => ({ ...codex(model), name: 'command' });
  const free = { models: { ...PRICES.models, command: { input: 0, output: 0 } } };
  expect(priced(told, silent('gpt-9'), PRICES)).toEqual(told);
  expect(costMissing(told, silent())).toBe(
    'command told neither tokens nor money: the cost of this session is unknown',
  );
  const { untold: _untold, ...known } = told;
  expect([priced(told, silent('mine'), PRICES), priced(told, silent(), free)]).toEqual([known, known]);
});

test("the project's prices reach adapters that reckon costs, unless their own options say otherwise", () => {
  const agent = { name: 'anthropic', model: 'gpt-9', options: { effort: 'low' } };
  expect(optionsWithPrice(agent, PRICES)).toEqual({ effort: 'low', input_price: '1', output_price: '10' });
  const own = { input_price: '2', output_price: '3' };
  expect(optionsWithPrice({ ...agent, options: own }, PRICES)).toBe(own);
  expect(optionsWithPrice(codex('gpt-9'), PRICES)).toEqual({});
});
