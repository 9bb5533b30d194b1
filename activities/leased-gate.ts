import type { GateResult } from '../domain/gate.ts';
import type { LeaseUse } from '../domain/lease.ts';
import { conclude } from './candidate.ts';
import type { Candidate } from './candidate.ts';
import { deployVerdict } from './deploy-verdict.ts';
import { hostFailed } from './host-fault.ts';
import type { Io } from './io.ts';
import { LeaseLost, underLease } from './lease.ts';
import type { Ports } from './ports.ts';

interface LeasedGate<T> {
  /** Whose environment the lease holds; without a lease nothing is watched. */
  readonly candidate: Candidate & { readonly lease?: LeaseUse };
  readonly io: Io;
  /** What it means that the lease was lost: a gate that did not run. */
  readonly lost: (result: GateResult) => Promise<T>;
  /** What it means that the host failed, a gate that did not run either: the same, unless told. */
  readonly failed?: (result: GateResult) => Promise<T>;
}

/** Does the end-to-end gate's work while the lease of its environment is held. A fault of the host is a result, not an exception. */
export async function whileHeld<T>(
  ports: Ports,
  { candidate, io, lost, failed = lost }: LeasedGate<T>,
  work: (io: Io) => Promise<T>,
): Promise<T> {
  const started = Date.now();
  const onHost = (error: unknown): GateResult => hostFailed(ports, { gate: 'e2e', commits: candidate.commits }, error);
  try {
    return await underLease(ports, { lease: candidate.lease, io }, work);
  } catch (error) {
    const verdict = error instanceof LeaseLost ? deployVerdict(error, ports.redact) : undefined;
    if (verdict === undefined) return failed(onHost(error));
    const found = {
      gate: 'e2e',
      verdicts: [{ ...verdict, failureClass: 'env_sick' as const, fingerprint: 'env_sick', files: [] }],
      started,
    };
    return lost(await conclude(ports, candidate, found).catch(onHost));
  }
}
