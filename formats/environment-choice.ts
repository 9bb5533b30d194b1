import path from 'node:path';
import type { EnvironmentChoice, ProviderFiles } from '../domain/environment.ts';
import type { EnvironmentFile } from '../domain/environment.schema.ts';
import type { ProjectFile } from '../domain/project.schema.ts';
import { hint } from './problems.ts';

type WithFiles = Exclude<EnvironmentFile, { kind: 'none' | 'process' }>;

/** `environment:` of a project file that lies in `directory`, defaults filled in. */
export function environmentOf(file: EnvironmentFile, directory: string): EnvironmentChoice {
  switch (file.kind) {
    case 'none':
    case 'process':
      return { kind: file.kind };
    case 'command': {
      const commands = Object.entries(file.commands).filter(([, line]) => line !== undefined);
      return { kind: 'command', ...filesOf(file, directory), commands: Object.fromEntries(commands) };
    }
    default:
      return file satisfies never;
  }
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
export function environmentProblems({ environment, repositories }: ProjectFile): readonly string[] {
  if (environment.kind === 'none' || environment.kind === 'process') {
    const startless = Object.values(repositories).every(({ start }) => start === undefined);
    return environment.kind === 'process' && startless
      ? ['environment "process" needs "start" in at least one repository']
      : [];
  }
  const problems: string[] = [];
  const { repository } = environment;
  const keys = Object.keys(repositories);
  if (repository !== undefined && !keys.includes(repository))
    problems.push(
      `"environment.repository" names "${repository}", which is not one of the repositories${hint(repository, keys)}`,
    );
  return problems;
}
