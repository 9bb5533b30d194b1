import { DEFAULT_LEASES } from '../domain/lease.ts';
import type { LeasePolicy } from '../domain/lease.ts';
import type { ProjectFile } from '../domain/project.schema.ts';

/** `leases` of a project file with its defaults. */
export function leasesOf(file: ProjectFile['leases']): LeasePolicy {
  const { ttl, escalated, sweep, sweep_every: every, min_ready: minReady, max_age: maxAge } = file;
  return {
    seconds: ttl ?? DEFAULT_LEASES.seconds,
    escalatedSeconds: escalated === undefined || escalated === 'release' ? 0 : escalated,
    sweep: sweep ?? DEFAULT_LEASES.sweep,
    sweepSeconds: every ?? DEFAULT_LEASES.sweepSeconds,
    minReady: minReady ?? DEFAULT_LEASES.minReady,
    maxAgeSeconds: maxAge ?? DEFAULT_LEASES.maxAgeSeconds,
  };
}
