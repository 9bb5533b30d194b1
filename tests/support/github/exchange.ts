import type { Issue } from './issues.ts';
import type { Pull } from './pulls.ts';

/** A request about one repository, and what the stand-in keeps of it. */
export interface Order {
  readonly method: string;
  readonly target: URL;
  readonly body: unknown;
  readonly name: string;
  /** Path below the repository's. */
  readonly rest: string;
  readonly list: Pull[];
  readonly issues: Issue[];
  /** Folder of the bare repository. */
  readonly bare: string;
  /** Of the stand-in. */
  readonly url: string;
}

export interface Reply {
  readonly status: number;
  readonly value: unknown;
  readonly headers?: Record<string, string>;
}
