import { appendFileSync } from 'node:fs';
import type { Cord } from '../../../domain/agent.ts';

/** Notes a pulled cord in the session's file; the first one counts. */
export function noteCord(file: string, { cord, reason }: { readonly cord: Cord; readonly reason: string }): void {
  appendFileSync(file, `${JSON.stringify({ cord, reason })}\n`);
}
