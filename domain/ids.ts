/** Key of a repository inside a project, as written in `spec-to-pr.yaml`. */
export type RepositoryKey = string;

/** One commit id (40 hex) for each repository of a change set. */
export type Commits = Readonly<Record<RepositoryKey, string>>;

/** A large value kept outside of history. `bytes` is its size, `sha256` hex. */
export interface ArtifactRef {
  readonly ref: string;
  readonly sha256: string;
  readonly bytes: number;
}

/** What every effect is keyed by: it survives continue-as-new and reset. */
export interface RunKey {
  readonly workflowId: string;
  readonly firstRunId: string;
}

const WORK_ID = /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/;

/** Says why a work id cannot be used, or nothing when it can. */
export function workIdProblem(workId: string): string | undefined {
  if (WORK_ID.test(workId) && !workId.includes('..')) return undefined;
  return `work id ${JSON.stringify(workId.slice(0, 80))} is not usable: 1 to 100 letters, digits, ".", "_" or "-", starting with a letter or digit`;
}

export function workflowIdOf(project: string, workId: string): string {
  return `${project}/${workId}`;
}

/** Id of the workflow that keeps the ledger of a project: no work id has it. */
export function budgetIdOf(project: string): string {
  return `${project}~budget`;
}

/** The branch that carries a work item's commits in every repository. */
export function branchOf(workId: string): string {
  return `spec-to-pr/${workId}`;
}

interface RunOfWork {
  readonly workId: string;
  readonly key: RunKey;
}

/** Prefix of the hidden refs that keep a run's step commits in a mirror. */
export function stepRefsOf({ workId, key }: RunOfWork): string {
  return `refs/spec-to-pr/${workId}/${key.firstRunId.slice(0, 8)}`;
}

/** The same in a state remote, which all repositories of all projects may share. */
export function stateRefsOf({ workId, key }: RunOfWork, repository: RepositoryKey): string {
  const project = key.workflowId.slice(0, -workId.length - 1);
  return `refs/spec-to-pr/${project}/${workId}/${key.firstRunId.slice(0, 8)}/${repository}`;
}

/** Finds a run's pull requests again, whatever happened between the call and its answer. */
export function markerOf(key: RunKey): string {
  return `<!-- spec-to-pr:${key.workflowId}:${key.firstRunId} -->`;
}
