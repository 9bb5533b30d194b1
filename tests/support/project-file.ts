import type { Project } from '../../domain/project.ts';
import { ProjectInvalid, parseProject } from '../../formats/project.ts';

/** A project file with nothing but what is needed; five lines, so that what is added stands from line 6 on. */
export const MINIMAL = 'project: shop\nrepositories:\n  api:\n    url: ./api.git\n    checks: { unit: npm test }\n';

export const parse = (text: string): Project => parseProject({ text, name: 'p.yaml', directory: '/srv/shop' });

/** What is wrong with a project file; nothing when it can be used. */
export function problems(text: string): readonly string[] {
  try {
    parse(text);
    return [];
  } catch (error) {
    if (error instanceof ProjectInvalid) return error.problems;
    throw error;
  }
}
