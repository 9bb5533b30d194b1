import path from 'node:path';
import type { EnvironmentChoice, ProcessCaps, ProviderFiles } from '../domain/environment.ts';
import type { EnvironmentFile } from '../domain/environment.schema.ts';
import type { ProjectFile } from '../domain/project.schema.ts';
import { sameVariables, variableName } from '../domain/variable-name.ts';
import { hint } from './problems.ts';

type Caps = Extract<EnvironmentFile, { kind: 'process' }>;
type WithFiles = Exclude<EnvironmentFile, { kind: 'none' | 'process' }>;

/** `environment:` of a project file that lies in `directory`, defaults filled in. */
export function environmentOf(file: EnvironmentFile, directory: string): EnvironmentChoice {
  switch (file.kind) {
    case 'none':
      return { kind: 'none' };
    case 'process':
      return { kind: 'process', ...capsOf(file) };
    case 'command': {
      const commands = Object.entries(file.commands).filter(([, line]) => line !== undefined);
      return { kind: 'command', ...filesOf(file, directory), commands: Object.fromEntries(commands) };
    }
    case 'compose': {
      const { file: files, profiles, engine } = file;
      const chosen = engine === undefined ? {} : { engine };
      return { kind: 'compose', ...filesOf(file, directory), files, profiles, ...chosen };
    }
    case 'kubernetes': {
      const { manifests = [], chart, context, build, urls } = file;
      return {
        kind: 'kubernetes',
        ...filesOf(file, directory),
        manifests,
        urls,
        ...(chart === undefined ? {} : { chart }),
        ...(context === undefined ? {} : { context }),
        ...(build === undefined ? {} : { build }),
      };
    }
    default:
      return file satisfies never;
  }
}

function capsOf({ memory_mb: memoryMb, processes, cpu_seconds: cpuSeconds, open_files: openFiles }: Caps): ProcessCaps {
  return {
    ...(memoryMb === undefined ? {} : { memoryMb }),
    ...(processes === undefined ? {} : { processes }),
    ...(cpuSeconds === undefined ? {} : { cpuSeconds }),
    ...(openFiles === undefined ? {} : { openFiles }),
  };
}

function filesOf({ repository, env, health, minutes }: WithFiles, directory: string): ProviderFiles {
  return {
    directory: path.resolve(directory),
    ...(repository === undefined ? {} : { repository }),
    env,
    health,
    seconds: minutes * 60,
  };
}

/** Sentences for what makes no sense about a file's environment. */
export function environmentProblems(file: ProjectFile): readonly string[] {
  const { environment, repositories } = file;
  const problems = [...suiteProblems(file), ...variableProblems(file)];
  if (environment.kind === 'none' || environment.kind === 'process') {
    const startless = Object.values(repositories).every(({ start }) => start === undefined);
    if (environment.kind === 'process' && startless)
      problems.push('environment "process" needs "start" in at least one repository');
    return problems;
  }
  const { repository } = environment;
  const keys = Object.keys(repositories);
  if (repository !== undefined && !keys.includes(repository))
    problems.push(
      `"environment.repository" names "${repository}", which is not one of the repositories${hint(repository, keys)}`,
    );
  if (environment.kind === 'kubernetes' && environment.manifests === undefined && environment.chart === undefined)
    problems.push('environment "kubernetes" needs "manifests" or "chart"');
  return problems;
}

/** What becomes of keys in the names of variables has to tell them apart: repositories among themselves, and services. */
function variableProblems({ environment, repositories }: ProjectFile): readonly string[] {
  if (environment.kind === 'none') return [];
  const started = Object.entries(repositories).filter(([, { start }]) => start !== undefined);
  if (environment.kind === 'process') return shared('repositories', Object.fromEntries(started), 'URL');
  const urls = environment.kind === 'kubernetes' ? environment.urls : {};
  return [
    ...shared('repositories', repositories, 'COMMIT'),
    ...shared('services', { ...environment.health, ...urls }, 'URL'),
  ];
}

function shared(what: string, by: Readonly<Record<string, unknown>>, suffix: string): readonly string[] {
  return sameVariables(Object.keys(by)).map((keys) => {
    const names = keys.map((key) => `"${key}"`).join(' and ');
    return `the ${what} ${names} would share the variable ${variableName(keys[0] ?? '')}_${suffix}: rename one`;
  });
}

/** A suite has one command: the project's, or the provider's. */
function suiteProblems({ environment, e2e }: ProjectFile): readonly string[] {
  const own = environment.kind === 'command' && environment.commands.e2e !== undefined;
  if (e2e === undefined)
    return own ? ['"environment.commands.e2e" needs a section "e2e" with the "repository" of the suite'] : [];
  if (own && e2e.run !== undefined)
    return ['"e2e.run" and "environment.commands.e2e" are both the suite: leave one out'];
  return own || e2e.run !== undefined ? [] : ['"e2e" needs "run", the command of the suite'];
}
