import type { EnvironmentChoice } from '../domain/environment.ts';
import { isOwnedBy, leaseIdOf } from '../domain/lease.ts';
import type { SweepReport } from '../domain/lease.ts';
import type { Io } from './io.ts';
import type { Ports } from './ports.ts';

export interface SurveyInput {
  readonly project: string;
  readonly environment: EnvironmentChoice;
}

export interface Survey extends Omit<SweepReport, 'erased'> {
  /** Where it was looked. */
  readonly host: string;
}

/** Which environments the provider has that bear this project's mark and no lease holds. Others' are counted, nothing more. */
export async function survey(ports: Ports, { project, environment }: SurveyInput, io: Io): Promise<Survey> {
  const { installation } = ports.leases;
  const entries = await ports.environment(environment).list(io);
  const own = entries.filter(({ owner }) => isOwnedBy(owner, { installation, project }));
  const leaked: string[] = [];
  for (const { name } of own) if (!(await ports.leases.isHeld(leaseIdOf(project, name)))) leaked.push(name);
  return { leaked, own: own.length, foreign: entries.length - own.length, host: ports.host() };
}
