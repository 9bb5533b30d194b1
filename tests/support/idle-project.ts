import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Project } from '../../domain/project.ts';
import { parseProject } from '../../formats/project.ts';
import { bareRepository } from './repository.ts';

/** A project in a folder of its own whose agent never changes anything, so that its second attempt ends at a person. `more` is added to its file. */
export async function idleProject(root: string, name: string, more = ''): Promise<Project> {
  const folder = path.join(root, name);
  await mkdir(folder);
  bareRepository(folder, 'api', { 'test.sh': 'true\n' });
  await writeFile(path.join(folder, 'agent.yaml'), 'attempts: [{ steps: [{ say: All done! }] }]');
  const text = `project: shop
repositories: { api: { url: ./api.git, checks: { unit: sh test.sh } } }
agent: { name: scripted, script: agent.yaml }
${more}`;
  return parseProject({ text, name: 'spec-to-pr.yaml', directory: folder });
}
