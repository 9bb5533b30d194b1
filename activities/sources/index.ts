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
