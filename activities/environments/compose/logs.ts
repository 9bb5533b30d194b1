import type { Io } from '../../io.ts';
import type { CutText } from '../../process/kept.ts';
import type { Container, EngineAccess } from './containers.ts';
import { callEngine } from './engine.ts';
import type { LogRequest } from '../index.ts';
import { wanted } from '../log-text.ts';

const LOG_SECONDS = 60;
const LINES = 20_000;
const READ_BYTES = 16 * 1024 * 1024;

interface Order extends Pick<LogRequest, 'maxBytes' | 'since'> {
  readonly containers: readonly Container[];
}

/** What is wanted of what the containers of each service wrote. */
export async function logsOf(
  { engine, environment }: EngineAccess,
  { containers, ...order }: Order,
  io: Io,
): Promise<Readonly<Record<string, CutText>>> {
  const { since } = order;
  const which = since === undefined ? ['--tail', String(LINES)] : ['--since', new Date(since.at).toISOString()];
  const found: Record<string, { readonly text: string; readonly lost: number }> = {};
  for (const { id, service } of containers) {
    const line: [string, ...string[]] = [engine.containers, 'logs', ...which, id];
    const call = { line, environment, seconds: LOG_SECONDS, maxBytes: READ_BYTES };
    const { output, outputCutBytes = 0 } = await callEngine(call, io);
    const before = found[service] ?? { text: '', lost: 0 };
    found[service] = { text: before.text + output, lost: before.lost + outputCutBytes };
  }
  return Object.fromEntries(
    Object.entries(found).map(([service, { text, lost }]) => [service, wanted(text, order, lost)]),
  );
}
