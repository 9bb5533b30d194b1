/** USD for a million tokens of one model; `cached` (read from a cache) is a tenth of `input` where it is left out. */
export interface ModelPrice {
  readonly input: number;
  readonly output: number;
  readonly cached?: number;
}

/** A project's own prices, by the model's name. */
export interface Prices {
  /** Day (`2026-11-01`) on which they were right. */
  readonly asOf?: string;
  readonly models: Readonly<Record<string, ModelPrice>>;
}

/** Tokens of a session: `input` without those that were read from a cache (`cached`). */
export interface Usage {
  readonly input: number;
  readonly output: number;
  readonly cached: number;
}
