import type { Usage } from '../../../domain/prices.ts';
import { number } from '../fields.ts';

export const NO_USAGE: Usage = { input: 0, output: 0, cached: 0 };

/** As the CLI tells it: there, tokens from the cache are a part of `input_tokens`. */
export function usageOf(told: Readonly<Record<string, unknown>>): Usage {
  const cached = number(told['cached_input_tokens']);
  return { input: Math.max(0, number(told['input_tokens']) - cached), output: number(told['output_tokens']), cached };
}

export function totalOf({ input, output, cached }: Usage): number {
  return input + output + cached;
}

/** The one with more tokens; a model that one of them names is kept. */
export function larger(a: Usage, b: Usage): Usage {
  const model = b.model ?? a.model;
  return { ...(totalOf(b) > totalOf(a) ? b : a), ...(model === undefined ? {} : { model }) };
}

/** What `now` has more than `before`. */
export function gained(before: Usage, now: Usage): Usage {
  const more = (key: 'input' | 'output' | 'cached'): number => Math.max(0, now[key] - before[key]);
  return { ...now, input: more('input'), output: more('output'), cached: more('cached') };
}
