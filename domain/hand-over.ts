import type { DiffStat } from './run.ts';

/** The unfinished work in one repository that a session begins with. */
export interface TakenOver {
  readonly repository: string;
  /** The snapshot's commit. */
  readonly sha: string;
  readonly diff: DiffStat;
}

/** What a session is told that begins with the unfinished work of one that was lost with its host; empty when there is none. */
export function handOverNote(taken: readonly TakenOver[]): string {
  if (taken.length === 0) return '';
  const lines = taken.map(({ repository, sha, diff }) => {
    const { files, insertions, deletions } = diff;
    return `- ${repository}: snapshot ${sha}, ${files} files changed, ${insertions} lines added, ${deletions} removed`;
  });
  return `## Work in progress
An earlier session on this task was lost with its host. Your folders hold what it had done by its last snapshot, as changes that
nobody has committed or checked; what it did after that is gone. Look at them first (\`git status\`, \`git diff\`; \`git show\` tells of
each snapshot what it lacks), then go on from there.
${lines.join('\n')}`;
}
