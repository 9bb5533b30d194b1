/** USD for a million tokens of one model; `cached` (read from a cache) is a tenth of `input` where it is left out. */
export interface ModelPrice {
  readonly input: number;
  readonly output: number;
  readonly cached?: number | undefined;
}

/** A project's own prices, by the model's name. */
export interface Prices {
  /** Day (`2026-11-01`) on which they were right. */
  readonly asOf?: string;
  readonly models: Readonly<Record<string, ModelPrice>>;
}

/** Tokens of a session: `input` without those that were read from a cache (`cached`); `model` where the agent tells it. */
export interface Usage {
  readonly input: number;
  readonly output: number;
  readonly cached: number;
  readonly model?: string;
}

/** The sum of both; the model is the newer one's. */
export function addUsage(older: Usage, newer: Usage): Usage {
  const sums = {
    input: older.input + newer.input,
    output: older.output + newer.output,
    cached: older.cached + newer.cached,
  };
  const model = newer.model ?? older.model;
  return model === undefined ? sums : { ...sums, model };
}
