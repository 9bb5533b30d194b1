import { createHash } from 'node:crypto';
import path from 'node:path';
import { z } from 'zod';
import { optionsOf } from '../domain/agent-options.ts';
import { PROJECT_KEYS, projectFile } from '../domain/project.schema.ts';
import type { ProjectFile } from '../domain/project.schema.ts';
import type { AgentChoice, ForgeChoice, Project, Repository, RoleChoice, RoleChoices } from '../domain/project.ts';
import { agentProblems } from './agent.ts';
import { answersProblems, listenerOf } from './answers.ts';
import { environmentOf, environmentProblems } from './environment-choice.ts';
import { channelProblems, notifiersOf, waitingOf, waitingProblems } from './notify.ts';
import { leasesOf } from './leases.ts';
import { limitProblems, limitsOf, pricesOf } from './limits.ts';
import { explain, hint, readYaml } from './problems.ts';
import { placesOf } from './project-places.ts';
import { sandboxOf, sandboxProblems } from './sandbox.ts';
import type { Known } from './problems.ts';

const namedAgent = z.object({ name: z.string() });

/** The project file cannot be used. `problems` has a sentence for each reason. */
export class ProjectInvalid extends Error {
  override readonly name = 'ProjectInvalid';
  readonly problems: readonly string[];
  constructor(name: string, problems: readonly string[]) {
    super(problems.map((problem) => `${name}: ${problem}`).join('\n'));
    this.problems = problems;
  }
}

export interface ProjectText {
  readonly text: string;
  /** For messages. */
  readonly name: string;
  /** Absolute folder that relative paths start from. */
  readonly directory: string;
}

/** Reads `spec-to-pr.yaml`: defaults filled in, paths made absolute. Throws ProjectInvalid with every problem and its line. */
export function parseProject({ text, name, directory }: ProjectText): Project {
  const yaml = readYaml(text);
  if (!('value' in yaml)) throw new ProjectInvalid(name, yaml);
  if (yaml.value === null) throw new ProjectInvalid(name, ['the file is empty: it needs "project" and "repositories"']);
  const result = projectFile.safeParse(yaml.value);
  if (!result.success) throw new ProjectInvalid(name, explain(result.error, yaml, knownKeys(yaml.value)));
  const file = result.data;
  const problems = contradictions(file);
  if (problems.length > 0) throw new ProjectInvalid(name, problems);
  const forge = forgeOf(file);
  const repositories = Object.entries(file.repositories).map(([key, value]): Repository => {
    const { url, base, setup, checks, start, health } = value;
    const commands = Object.entries(checks).map(([check, { run, report }]) => ({ name: check, run, reports: report }));
    return {
      key,
      url: locate(url, forge, directory),
      base,
      setup,
      checks: commands,
      ...(start === undefined ? {} : { start }),
      health,
    };
  });
  const notifiers = notifiersOf(file, { forge, repositories });
  return {
    key: file.project,
    hash: createHash('sha256').update(text).digest('hex'),
    repositories,
    gates: file.gates ?? (file.e2e === undefined ? ['checks'] : ['checks', 'e2e']),
    environment: environmentOf(file.environment, directory),
    leases: leasesOf(file.leases),
    diagnosis: file.diagnosis,
    ...(file.e2e === undefined
      ? {}
      : {
          e2e: {
            repository: file.e2e.repository,
            ...(file.e2e.run === undefined ? {} : { run: file.e2e.run }),
            reports: file.e2e.report,
            minTests: file.e2e.min_tests,
            reruns: file.e2e.reruns,
          },
        }),
    roles: rolesOf(file, directory),
    sandbox: sandboxOf(file.sandbox),
    forge,
    ...(file.state === undefined ? {} : { state: locate(file.state, forge, directory) }),
    notifiers,
    ...listenerOf(file, notifiers),
    ...waitingOf(file),
    ...pricesOf(file),
    limits: limitsOf(file.limits),
  };
}

/** Keys of an agent's section depend on the agent; elsewhere a key that stands in the wrong section is worth a hint, too. */
function knownKeys(file: unknown): Known {
  const keysFor: Known['keysFor'] = (at) => {
    const end = at.indexOf('agent');
    if (end < 0) return PROJECT_KEYS;
    const given = namedAgent.safeParse(at.slice(0, end + 1).reduce(member, file));
    return ['name', 'model', ...Object.keys(given.success ? optionsOf(given.data.name) : {})];
  };
  return { keysFor, placesOf };
}

function member(value: unknown, key: PropertyKey): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined;
}

function contradictions(file: ProjectFile): readonly string[] {
  const keys = Object.keys(file.repositories);
  const gates = file.gates ?? (file.e2e === undefined ? ['checks'] : ['checks', 'e2e']);
  const problems: string[] = [];
  if (keys.length === 0) problems.push('"repositories" is empty: name at least one');
  if (file.e2e !== undefined && !keys.includes(file.e2e.repository))
    problems.push(
      `"e2e.repository" names "${file.e2e.repository}", which is not one of the repositories${hint(file.e2e.repository, keys)}`,
    );
  if (gates.includes('e2e') && file.e2e === undefined)
    problems.push('the gate "e2e" needs a section "e2e" with its command');
  if (
    gates.includes('checks') &&
    Object.values(file.repositories).every(({ checks }) => Object.keys(checks).length === 0)
  )
    problems.push('the gate "checks" needs "checks" in at least one repository, e.g. checks: { unit: npm test }');
  problems.push(...environmentProblems(file), ...limitProblems(file));
  for (const [place, agent] of Object.entries(agentsOf(file)))
    problems.push(...agentProblems(agent.name, { place, given: Object.keys(agent) }));
  problems.push(...channelProblems(file), ...answersProblems(file), ...waitingProblems(file));
  problems.push(...sandboxProblems(sandboxOf(file.sandbox)));
  if (new Set(gates).size !== gates.length) problems.push('"gates" names a gate twice');
  return problems;
}

function locate(url: string, forge: ForgeChoice, directory: string): string {
  if (/^[a-z+]+:\/\/|^[^/]+@[^/]+:/i.test(url)) return url;
  if (forge.kind === 'github' && /^[\w.-]+\/[\w.-]+$/.test(url) && !url.startsWith('.'))
    return `https://github.com/${url.replace(/\.git$/, '')}.git`;
  return path.resolve(directory, url);
}

/** Every agent that the file names, by its place. */
function agentsOf({ agent, roles }: ProjectFile): Readonly<Record<string, ProjectFile['agent']>> {
  const { developer, debugger: looks } = roles;
  return {
    agent,
    ...(developer?.agent === undefined ? {} : { 'roles.developer.agent': developer.agent }),
    ...(looks === 'none' || looks.agent === undefined ? {} : { 'roles.debugger.agent': looks.agent }),
  };
}

function rolesOf({ agent, roles }: ProjectFile, directory: string): RoleChoices {
  const { developer, debugger: looks } = roles;
  const played = (role: Exclude<typeof looks, 'none'>): RoleChoice => ({
    agent: agentOf(role.agent ?? agent, directory),
    ...(role.persona === undefined ? {} : { persona: role.persona }),
  });
  return looks === 'none'
    ? { developer: played(developer ?? {}) }
    : { developer: played(developer ?? {}), debugger: played(looks) };
}

function agentOf(agent: ProjectFile['agent'], directory: string): AgentChoice {
  const { name, model, ...rest } = { model: undefined, ...agent };
  const known = optionsOf(name);
  const options = Object.entries(rest).map(([key, value]) => {
    const text = String(value);
    const kind = known[key]?.kind;
    const placed = kind === 'path' || (kind === 'program' && text.includes('/'));
    return [key, placed ? path.resolve(directory, text) : text];
  });
  return { name, ...(typeof model === 'string' ? { model } : {}), options: Object.fromEntries(options) };
}

function forgeOf({ forge }: ProjectFile): ForgeChoice {
  const given: { kind?: string; api_url?: string | undefined; token_env?: string | undefined } = forge;
  return {
    kind: given.kind ?? 'local',
    ...(given.api_url === undefined ? {} : { apiUrl: given.api_url }),
    tokenEnv: given.token_env ?? 'GITHUB_TOKEN',
  };
}
