import type { Prices } from '../../domain/prices.ts';

/** USD for a million tokens. A prompt of more than `longPrompt.above` tokens costs `factor` times as much, its answer too. */
export interface Price {
  readonly input: number;
  readonly output: number;
  readonly cacheRead: number;
  readonly cacheWrite: number;
  readonly longPrompt?: { readonly above: number; readonly factor: number };
}

/** Tokens of one request; `input` are those that were neither read from nor written to a cache. */
export interface Tokens {
  readonly input: number;
  readonly output: number;
  readonly cacheRead: number;
  readonly cacheWrite: number;
}

/** The table's date and the page that it was read from. */
export const PRICES = { asOf: '2026-10-24', source: 'https://platform.claude.com/docs/en/about-claude/pricing' };

const of = (input: number, output: number, cacheRead = input / 10): Price => ({
  ...{ input, output, cacheRead },
  // Of the five-minute cache.
  cacheWrite: input * 1.25,
});

const table: Readonly<Record<string, Price>> = {
  'claude-fable-5-1': of(10, 50, 0.25),
  'claude-mythos-5-1': of(10, 50, 0.25),
  'claude-fable-5': of(10, 50),
  'claude-mythos-5': of(10, 50),
  'claude-opus-5-5': of(4, 20, 0.2),
  'claude-opus-5': of(5, 25),
  'claude-opus-4-8': of(5, 25),
  'claude-opus-4-7': of(5, 25),
  'claude-opus-4-6': of(5, 25),
  'claude-opus-4-5': of(5, 25),
  'claude-opus-4-1': of(15, 75),
  'claude-opus-4': of(15, 75),
  'claude-sonnet-5-5': of(2, 10, 0.1),
  'claude-sonnet-5': of(2, 10),
  'claude-sonnet-4-6': of(3, 15),
  'claude-sonnet-4-5': of(3, 15),
  'claude-sonnet-4': of(3, 15),
  'claude-haiku-5-5': { ...of(0.1, 0.5), longPrompt: { above: 100_000, factor: 5 } },
  'claude-haiku-4-5': of(1, 5),
  'claude-3-5-haiku': of(0.8, 4),
};

// What may follow a model's name: nothing, a date, a cloud's version, a context size.
const REST = /^(-\d{8}|-latest|@|-v\d|\[|:|$)/;

/**
 * The price of a model by its name at the provider's own API, Vertex or Bedrock; nothing for one that is in no table. The options
 * `input_price` and `output_price` (USD for a million tokens) go before the project's table, that before the built-in one.
 */
export function priceOf(
  model: string,
  options: Readonly<Record<string, string>> = {},
  prices?: Prices,
): Price | undefined {
  const [input, output] = [Number(options['input_price']), Number(options['output_price'])];
  if (input >= 0 && output >= 0) return of(input, output);
  const own = entryOf(prices?.models ?? {}, model);
  if (own !== undefined) return of(own.input, own.output, own.cached);
  return entryOf(table, model.slice(Math.max(0, model.lastIndexOf('claude-'))));
}

function entryOf<T>(entries: Readonly<Record<string, T>>, model: string): T | undefined {
  const fits = ([known]: readonly [string, T]): boolean =>
    model.startsWith(known) && REST.test(model.slice(known.length));
  return Object.entries(entries).find(fits)?.[1];
}

/** What one request cost, in USD. */
export function costOf({ input, output, cacheRead, cacheWrite }: Tokens, price: Price): number {
  const { above = Infinity, factor = 1 } = price.longPrompt ?? {};
  const usd = input * price.input + output * price.output + cacheRead * price.cacheRead + cacheWrite * price.cacheWrite;
  return (usd * (input + cacheRead + cacheWrite > above ? factor : 1)) / 1e6;
}
