import type { RunKey } from './ids.ts';
import type { Project } from './project.ts';
import type { Run } from './run.ts';

/** A run before its first step. `now` is in milliseconds since the epoch. */
export function begin(input: { key: RunKey; workId: string; project: Project; now: number }): Run {
  const { key, workId, project, now } = input;
  return {
    key,
    workId,
    project: project.key,
    projectHash: project.hash,
    roles: project.roles,
    step: { at: 'ingest' },
    spec: null,
    repositories: [],
    tasks: [],
    gates: project.gates,
    limits: project.limits,
    ...(project.prices === undefined ? {} : { prices: project.prices }),
    attempts: [],
    usd: 0,
    tokens: 0,
    startedAt: now,
    now,
    waited: 0,
    environment: null,
    ...(project.leases.escalatedSeconds > 0 ? { keepsEnvironment: true as const } : {}),
    cords: [],
    reprovisions: 0,
    escalation: null,
    answers: [],
    draft: false,
    publishing: false,
    pullRequests: [],
    ending: null,
    why: '',
  };
}
