import { proxyActivities } from '@temporalio/workflow';
import type { HostActivities } from '../activities/create.ts';
import type { TranscriptOrder, TranscriptReading } from '../activities/transcripts.ts';
import { hostQueue } from './contract.ts';

export interface ReadTranscriptsInput {
  readonly host: string;
  readonly order: TranscriptOrder;
}

/** Has a host read in its transcripts, once. Fails within seconds when no worker of that host is up. */
export async function readTranscripts({ host, order }: ReadTranscriptsInput): Promise<TranscriptReading> {
  const { transcripts } = proxyActivities<HostActivities>({
    taskQueue: hostQueue(host),
    scheduleToStartTimeout: '5s',
    startToCloseTimeout: '40s',
    retry: { maximumAttempts: 1 },
  });
  return transcripts(order);
}
