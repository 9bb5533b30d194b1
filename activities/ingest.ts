import type { RunKey } from '../domain/ids.ts';
import type { Outcome } from '../domain/outcome.ts';
import type { SpecSource } from '../domain/spec.ts';
import { oneLine } from '../domain/text.ts';
import { SpecInvalid, parseSpec } from '../formats/spec.ts';
import { artifactFolder } from './folders.ts';
import type { Ports } from './ports.ts';

export interface IngestInput {
  readonly key: RunKey;
  readonly workId: string;
  readonly source: SpecSource;
  /** Keys of the project's repositories. */
  readonly repositories: readonly string[];
  /** Tells what was read for another plan apart; absent or 0 for the first. */
  readonly reading?: number;
}

/** Loads, checks and freezes the spec. A spec that cannot be built is an outcome, not a fault. */
export async function ingest(ports: Ports, input: IngestInput): Promise<Outcome> {
  const { text, origin } = await ports.source(input.source.kind).load(input.source);
  try {
    const { body, ...summary } = parseSpec({ text, name: origin, workId: input.workId });
    const unknown = summary.repositories.filter((key) => !input.repositories.includes(key));
    if (unknown.length > 0)
      return {
        kind: 'rejected',
        why: `the spec names repositories that the project does not have: ${unknown.join(', ')}`,
      };
    const document = await ports.artifacts.put(artifactFolder(input.key), nameOf(input), body);
    return { kind: 'ingested', spec: { ...summary, document } };
  } catch (error) {
    if (error instanceof SpecInvalid) return { kind: 'rejected', why: oneLine(error.message, 500) };
    throw error;
  }
}

function nameOf({ reading = 0 }: IngestInput): string {
  return reading === 0 ? 'spec.md' : `spec-${reading}.md`;
}
