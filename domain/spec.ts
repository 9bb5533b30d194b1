import type { ArtifactRef, RepositoryKey } from './ids.ts';

export interface Criterion {
  /** `AC-1`, `AC-2`, … in the order of the text. */
  readonly id: string;
  readonly text: string;
}

/** A work item's text, parsed and frozen. */
export interface Spec {
  readonly workId: string;
  readonly title: string;
  /** The Markdown without its front matter. */
  readonly body: string;
  /** sha256 (hex) of the text as submitted. */
  readonly sha256: string;
  readonly criteria: readonly Criterion[];
  readonly constraints: readonly string[];
  /** Repositories named by the spec; empty means all of the project. */
  readonly repositories: readonly RepositoryKey[];
  readonly labels: readonly string[];
}

/** What history keeps of a spec: everything but its text. */
export interface SpecSummary extends Omit<Spec, 'body'> {
  readonly document: ArtifactRef;
}

/** Where the text came from, with the text itself when the submitter carried it along. */
export interface SpecSource {
  readonly kind: string;
  /** File name, issue URL, or `stdin`. */
  readonly name: string;
  readonly text: string;
}
