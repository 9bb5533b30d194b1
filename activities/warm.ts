import type { PoolRequest } from '../domain/pool.ts';
import type { Ports } from './ports.ts';

/** Takes an environment that the project's pool has ready; null where it has none. Also starts the pool. */
export async function warm({ leases }: Ports, request: PoolRequest): Promise<string | null> {
  return leases.requestPool(request);
}
