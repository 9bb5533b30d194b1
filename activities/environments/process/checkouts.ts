import type { Commits, RepositoryKey } from '../../../domain/ids.ts';
import { checkedOut } from '../../git/checked-out.ts';
import type { CheckedOut } from '../../git/checked-out.ts';
import type { GitHost } from '../../git/host.ts';
import type { Io } from '../../io.ts';

/** A folder, and what git had checked out there before services were started. */
export interface Checkout extends CheckedOut {
  readonly directory: string;
}

/** By repository; one that git cannot tell is left out. */
export type Checkouts = Readonly<Record<RepositoryKey, Checkout>>;

/** Stands in the place of a commit where the files that are checked out are no commit's. */
const OTHER_FILES = 'other files';

/** What is checked out in these folders. */
export async function readCheckouts(
  git: GitHost,
  directories: Readonly<Record<RepositoryKey, string>>,
  io: Pick<Io, 'signal'>,
): Promise<Checkouts> {
  const asked = Object.entries(directories).map(async ([key, directory]): Promise<readonly [string, Checkout][]> => {
    const found = await checkedOut(git, directory, io);
    return found === undefined ? [] : [[key, { ...found, directory }]];
  });
  return Object.fromEntries((await Promise.all(asked)).flat());
}

/** The commits in the same folders now: another id, or `other files`, where something else was checked out since. */
export async function readCommits(git: GitHost, before: Checkouts, io: Pick<Io, 'signal'>): Promise<Commits> {
  const directories = Object.entries(before).map(([key, { directory }]) => [key, directory]);
  const now = await readCheckouts(git, Object.fromEntries(directories), io);
  return Object.fromEntries(
    Object.entries(now).map(([key, { commit, staged }]) => {
      const isOther = commit === before[key]?.commit && staged !== before[key].staged;
      return [key, isOther ? OTHER_FILES : commit];
    }),
  );
}

/** The commit ids of what was checked out. */
export function commitsOf(checkouts: Checkouts): Commits {
  return Object.fromEntries(Object.entries(checkouts).map(([key, { commit }]) => [key, commit]));
}
