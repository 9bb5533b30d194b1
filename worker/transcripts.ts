import path from 'node:path';
import { fileArtifacts } from '../activities/artifacts/index.ts';
import { transcripts } from '../activities/transcripts.ts';
import type { TranscriptOrder, TranscriptReading } from '../activities/transcripts.ts';
import { workerConfig } from './config.ts';
import { knownHost } from './host.ts';

/** The transcripts that this host has, read without a worker. */
export interface LocalTranscripts {
  /** The host's id; nothing where no worker has been. */
  readonly host: string | undefined;
  read(order: TranscriptOrder): Promise<TranscriptReading>;
}

export function localTranscripts(environment: Readonly<Record<string, string | undefined>>): LocalTranscripts {
  const { home, redact } = workerConfig(environment);
  const shelves = { home, redact, artifacts: fileArtifacts(path.join(home, 'artifacts')) };
  const io = { signal: new AbortController().signal, progress: () => undefined };
  return { host: knownHost(home), read: (order) => transcripts(shelves, order, io) };
}
