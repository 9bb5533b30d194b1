import { expect, test } from '@jest/globals';
import { MINIMAL, parse, problems } from '../support/project-file.ts';

test('budgets of sessions and of the project, and prices, are read', () => {
  const { limits, prices } = parse(
    `${MINIMAL}limits: { session_usd: 2, session_tokens: 9, project_usd: 50, project_tokens: 99, project_per: day }
prices: { as_of: 2026-11-01, gpt-9: { input: 1.25, output: 10 }, "other:7b": { input: 0, output: 0, cached: 0 } }
`,
  );
  expect([limits.sessionUsd, limits.sessionTokens, limits.project, limits.unpriced]).toEqual([
    2,
    9,
    { usd: 50, tokens: 99, per: 'day' },
    undefined,
  ]);
  expect(prices).toEqual({
    asOf: '2026-11-01',
    models: { 'gpt-9': { input: 1.25, output: 10 }, 'other:7b': { input: 0, output: 0, cached: 0 } },
  });
  expect(parse(`${MINIMAL}limits: { project_usd: 5 }\n`).limits.project).toEqual({ usd: 5, per: 'month' });
});

test.each([
  ['{ tokens: 5 }', 'allowed'],
  ['{ project_tokens: 5 }', 'allowed'],
  ['{ tokens: 5, usd: 1 }', undefined],
  ['{ tokens: 5, session_usd: 1 }', undefined],
  ['{}', undefined],
])('with the limits %s, sessions of unknown cost are %s', (limits, unpriced) => {
  expect(parse(`${MINIMAL}limits: ${limits}\n`).limits.unpriced).toBe(unpriced);
});

test('prices and budgets that make no sense are refused', () => {
  expect(problems(`${MINIMAL}limits: { project_per: day }\n`)).toEqual([
    '"limits.project_per" needs "project_usd" or "project_tokens": there is no budget to divide',
  ]);
  expect(problems(`${MINIMAL}prices: { gpt-9: { input: 1 } }\n`)).toEqual([expect.stringContaining('output')]);
  expect(problems(`${MINIMAL}prices: { as_of: today }\n`)).toEqual([expect.stringContaining('as_of')]);
  expect(problems(`${MINIMAL}limits: { project_usd: -1 }\n`)).toEqual([expect.stringContaining('project_usd')]);
});
