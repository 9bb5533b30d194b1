import type { GateResult } from '../domain/gate.ts';
import type { LeaseUse } from '../domain/lease.ts';
import { conclude } from './candidate.ts';
import type { Candidate } from './candidate.ts';
import { deployVerdict } from './deploy-verdict.ts';
import type { Io } from './io.ts';
import { LeaseLost, underLease } from './lease.ts';
import type { Ports } from './ports.ts';

interface LeasedGate<T> {
  /** Whose environment the lease holds; without a lease nothing is watched. */
  readonly candidate: Candidate & { readonly lease?: LeaseUse };
  readonly io: Io;
  /** What it means that the lease was lost: a gate that did not run. */
  readonly lost: (result: GateResult) => Promise<T>;
}

/** Does the end-to-end gate's work while the lease of its environment is held. */
export async function whileHeld<T>(
  ports: Ports,
  { candidate, io, lost }: LeasedGate<T>,
  work: (io: Io) => Promise<T>,
): Promise<T> {
  const started = Date.now();
  try {
    return await underLease(ports, { lease: candidate.lease, io }, work);
  } catch (error) {
    const verdict = error instanceof LeaseLost ? deployVerdict(error, ports.redact) : undefined;
    if (verdict === undefined) throw error;
    return lost(await conclude(ports, candidate, { gate: 'e2e', verdicts: [{ ...verdict, files: [] }], started }));
  }
}
