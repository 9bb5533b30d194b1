import type { ProjectFile } from '../domain/project.schema.ts';
import { DEFAULT_LIMITS } from '../domain/project.ts';
import type { Limits, Project } from '../domain/project.ts';

/** The section `limits` with every default filled in. */
export function limitsOf(given: ProjectFile['limits']): Limits {
  const minutes = (value: number | undefined, fallback: number): number =>
    value === undefined ? fallback : value * 60;
  return {
    attempts: given.attempts ?? DEFAULT_LIMITS.attempts,
    usd: given.usd ?? DEFAULT_LIMITS.usd,
    tokens: given.tokens ?? DEFAULT_LIMITS.tokens,
    runSeconds: minutes(given.minutes, DEFAULT_LIMITS.runSeconds),
    agentSeconds: minutes(given.agent_minutes, DEFAULT_LIMITS.agentSeconds),
    agentSilenceSeconds: minutes(given.agent_silence_minutes, DEFAULT_LIMITS.agentSilenceSeconds),
    agentTurns: given.agent_turns ?? DEFAULT_LIMITS.agentTurns,
    snapshotSeconds: minutes(given.snapshot_minutes, DEFAULT_LIMITS.snapshotSeconds),
    checkSeconds: minutes(given.check_minutes, DEFAULT_LIMITS.checkSeconds),
    e2eSeconds: minutes(given.e2e_minutes, DEFAULT_LIMITS.e2eSeconds),
    healthSeconds: given.health_seconds ?? DEFAULT_LIMITS.healthSeconds,
    infraBackoffSeconds: given.infra_backoff_seconds ?? DEFAULT_LIMITS.infraBackoffSeconds,
    ...budgetsOf(given),
  };
}

function budgetsOf(
  given: ProjectFile['limits'],
): Pick<Limits, 'sessionUsd' | 'sessionTokens' | 'project' | 'unpriced'> {
  const { session_usd, session_tokens, project_usd, project_tokens, project_per = 'month' } = given;
  const project = {
    ...(project_usd === undefined ? {} : { usd: project_usd }),
    ...(project_tokens === undefined ? {} : { tokens: project_tokens }),
  };
  const inTokens = [given.tokens, session_tokens, project_tokens].some((limit) => limit !== undefined);
  const inUsd = [given.usd, session_usd, project_usd].some((limit) => limit !== undefined);
  return {
    ...(session_usd === undefined ? {} : { sessionUsd: session_usd }),
    ...(session_tokens === undefined ? {} : { sessionTokens: session_tokens }),
    ...(Object.keys(project).length === 0 ? {} : { project: { ...project, per: project_per } }),
    ...(inTokens && !inUsd ? { unpriced: 'allowed' as const } : {}),
  };
}

/** What contradicts itself in the limits, a sentence each. */
export function limitProblems({ limits }: Pick<ProjectFile, 'limits'>): readonly string[] {
  const { project_usd, project_tokens, project_per } = limits;
  if (project_per === undefined || project_usd !== undefined || project_tokens !== undefined) return [];
  return ['"limits.project_per" needs "project_usd" or "project_tokens": there is no budget to divide'];
}

/** The project's own prices, where it names any. */
export function pricesOf({ prices }: Pick<ProjectFile, 'prices'>): Pick<Project, 'prices'> {
  if (prices === undefined) return {};
  const { as_of, ...models } = prices;
  return { prices: { ...(as_of === undefined ? {} : { asOf: as_of }), models } };
}
