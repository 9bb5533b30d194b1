import type { AgentChoice, Project } from '../domain/project.ts';
import type { Spec } from '../domain/spec.ts';
import { branchOf } from '../domain/ids.ts';
import { git } from '../activities/git/host.ts';
import { AuthDenied, RepositoryNotFound, remoteProblem } from '../activities/git/errors.ts';
import { workerConfig } from './config.ts';
import { gitIdentity } from './identity.ts';
import { createPorts } from './ports.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** What a run of this order would work on and do. Reads the remotes, writes nothing. */
export async function dryRun(
  order: { project: Project; spec: Spec },
  environment: Environment,
): Promise<{ value: object; lines: readonly string[] }> {
  const { project, spec } = order;
  const ports = createPorts(workerConfig(environment), await gitIdentity(environment));
  for (const { agent } of Object.values(project.roles)) ports.agent(agent, project.sandbox);
  const affected = project.repositories.filter(
    ({ key }) => spec.repositories.length === 0 || spec.repositories.includes(key),
  );
  const repositories = await Promise.all(
    affected.map(async ({ key, url, base, checks }) => {
      const credentials = ports.forge(project.forge).credentials(url);
      const call = { arguments: ['ls-remote', '--heads', url, `refs/heads/${base}`], credentials };
      const listed = await git(ports.git, call, { signal: new AbortController().signal });
      if (listed.exitCode !== 0)
        throw remoteProblem(url, listed.output) ?? new RepositoryNotFound(`${url} cannot be read`);
      const commit = listed.stdout.split('\t')[0] ?? '';
      if (commit === '') throw new AuthDenied(`${url} has no branch "${base}": set "base" of the repository "${key}"`);
      return { key, url, base, commit, checks: checks.map(({ name, run }) => `${name}: ${run}`) };
    }),
  );
  const value = {
    workId: spec.workId,
    title: spec.title,
    branch: branchOf(spec.workId),
    repositories,
    gates: project.gates,
    environment: project.environment.kind,
    e2e: project.e2e ?? null,
    agent: project.roles.developer.agent,
    forge: project.forge.kind,
    limits: project.limits,
  };
  return { value, lines: linesOf(value) };
}

function linesOf(value: {
  workId: string;
  title: string;
  branch: string;
  repositories: readonly { key: string; url: string; base: string; commit: string; checks: readonly string[] }[];
  gates: readonly string[];
  environment: string;
  e2e: Project['e2e'] | null;
  agent: AgentChoice;
  forge: string;
  limits: Project['limits'];
}): readonly string[] {
  const { limits } = value;
  return [
    `${value.workId}: ${value.title}`,
    ...value.repositories.flatMap(({ key, url, base, commit, checks }) => [
      `  ${key}: ${url} at ${commit.slice(0, 12)} (${base}) -> ${value.branch}`,
      ...checks.map((check) => `    check ${check}`),
    ]),
    `  agent: ${value.agent.name}${value.agent.model === undefined ? '' : ` (${value.agent.model})`}`,
    `  gates: ${value.gates.join(', ')}; environment: ${value.environment}`,
    ...(value.e2e == null
      ? []
      : [`  end-to-end: ${value.e2e.run} in ${value.e2e.repository}, at least ${value.e2e.minTests} tests`]),
    `  forge: ${value.forge}`,
    `  limits: ${limits.attempts} attempts, $${limits.usd}, ${limits.runSeconds / 60} minutes, agent ${limits.agentSeconds / 60} minutes and ${limits.agentTurns} turns`,
    'Nothing was started and nothing was written.',
  ];
}
