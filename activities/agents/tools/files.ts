import path from 'node:path';

/** Files by which a session's tools and the worker talk, JSON lines each. */
export interface ToolFiles {
  /** Cords that were pulled. */
  readonly cords: string;
  /** Inspections that were asked for. */
  readonly asked: string;
  /** Inspections that were made: the worker's record of them, and what answers. */
  readonly answered: string;
}

/** What the session writes lies in its own HOME, for nothing else of the job is its to write; the worker writes outside of it. */
export function toolFiles(jobDirectory: string): ToolFiles {
  const home = path.join(jobDirectory, 'home');
  return {
    cords: path.join(home, 'cords.jsonl'),
    asked: path.join(home, 'inspections.jsonl'),
    answered: path.join(jobDirectory, 'inspections.jsonl'),
  };
}
