import type { ProjectFile } from '../domain/project.schema.ts';
import type { NotifierChoice, Project } from '../domain/project.ts';

const TRUSTED = ['OWNER', 'MEMBER', 'COLLABORATOR'] as const;

/** Whose comments answer, read where the channel of the same name asks; nothing when the file does not turn that on. */
export function listenerOf({ answers }: ProjectFile, notifiers: readonly NotifierChoice[]): Pick<Project, 'listener'> {
  if (answers === undefined) return {};
  const { authors, associations, poll } = answers.github;
  const policy = { authors: authors ?? [], associations: associations ?? (authors === undefined ? TRUSTED : []) };
  const { options = {} } = notifiers.find(({ name }) => name === 'github') ?? {};
  return { listener: { name: 'github', options, policy, pollSeconds: poll } };
}

/** A sentence for what is wrong about `answers`. */
export function answersProblems({ answers, notify }: ProjectFile): readonly string[] {
  if (answers === undefined || notify.some(({ channel }) => channel === 'github')) return [];
  return ['"answers.github" reads where the question is asked: add github to "notify"'];
}
