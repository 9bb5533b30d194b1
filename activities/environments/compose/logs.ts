import type { Io } from '../../io.ts';
import type { Container, EngineAccess } from './containers.ts';
import { callEngine } from './engine.ts';
import { lastBytes } from '../tool.ts';

const LOG_SECONDS = 60;
const LINES = 20_000;

/** The end of what the containers of each service wrote, at most `maxBytes` a service. */
export async function logsOf(
  { engine, environment }: EngineAccess,
  { containers, maxBytes }: { containers: readonly Container[]; maxBytes: number },
  io: Io,
): Promise<Readonly<Record<string, string>>> {
  const found: Record<string, string> = {};
  for (const { id, service } of containers) {
    const line = [engine.containers, 'logs', '--tail', String(LINES), id] as const;
    const { output } = await callEngine({ line: [...line], environment, seconds: LOG_SECONDS }, io);
    found[service] = (found[service] ?? '') + output;
  }
  return Object.fromEntries(Object.entries(found).map(([service, text]) => [service, lastBytes(text, maxBytes)]));
}
