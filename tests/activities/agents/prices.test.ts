import { expect, test } from '@jest/globals';
import { costOf, priceOf } from '../../../activities/agents/prices.ts';

const tokens = { input: 1_000_000, output: 100_000, cacheRead: 0, cacheWrite: 0 };
const costs = (model: string, given = tokens): number | undefined => {
  const price = priceOf(model);
  return price === undefined ? undefined : Number(costOf(given, price).toFixed(6));
};

test.each([
  ['claude-sonnet-4-5', 4.5],
  ['claude-sonnet-4-5-20250929', 4.5],
  ['claude-opus-4-1-20250805', 22.5],
  ['claude-opus-4-20250514', 22.5],
  ['claude-opus-4-5', 7.5],
  ['claude-sonnet-4-5@20250929', 4.5],
  ['us.anthropic.claude-haiku-4-5-20251001-v1:0', 1.5],
  ['claude-opus-9', undefined],
  ['claude-opus-5-6', undefined],
  ['gpt-5', undefined],
])('a million tokens in and a tenth of it out of %s cost %s USD', (model, usd) => {
  expect(costs(model)).toBe(usd);
});

test('tokens of the cache have prices of their own', () => {
  expect(costs('claude-sonnet-4-5', { input: 0, output: 0, cacheRead: 1e6, cacheWrite: 0 })).toBe(0.3);
  expect(costs('claude-sonnet-4-5', { input: 0, output: 0, cacheRead: 0, cacheWrite: 1e6 })).toBe(3.75);
});

test('a long prompt makes the whole request dearer where the model says so', () => {
  expect(costs('claude-haiku-5-5', { input: 100_000, output: 100_000, cacheRead: 0, cacheWrite: 0 })).toBe(0.06);
  expect(costs('claude-haiku-5-5', { input: 100_000, output: 100_000, cacheRead: 1, cacheWrite: 0 })).toBe(0.3);
});

test('prices of the project go before the table, also for a model that it lacks', () => {
  expect(priceOf('claude-sonnet-4-5', { input_price: '10', output_price: '20' })).toEqual({
    ...{ input: 10, output: 20, cacheRead: 1, cacheWrite: 12.5 },
  });
  expect(priceOf('mine', { input_price: '0', output_price: '0' })).toMatchObject({ input: 0, output: 0 });
  expect(priceOf('mine', { input_price: '1' })).toBeUndefined();
});
