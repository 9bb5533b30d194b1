import { carried } from './carried.ts';
import type { SpecSource } from '../../domain/spec.ts';

export interface SourceDocument {
  readonly text: string;
  /** Where a person finds the original. */
  readonly origin: string;
}

/** Fetches a work item's text. */
export interface Source {
  load(source: SpecSource): Promise<SourceDocument>;
}

/** `file`, `inline` and `stdin` differ only in the door: their text was read where it was submitted. */
export const sources = { file: carried, inline: carried, stdin: carried } satisfies Record<string, () => Source>;
