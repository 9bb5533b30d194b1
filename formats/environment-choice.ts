import type { ProjectFile } from '../domain/project.schema.ts';

/** Sentences for what makes no sense about a file's environment. */
export function environmentProblems({ environment, repositories }: ProjectFile): readonly string[] {
  if (environment.kind === 'none') return [];
  return Object.values(repositories).some(({ start }) => start !== undefined)
    ? []
    : ['environment "process" needs "start" in at least one repository'];
}
