import { stateRefsOf, stepRefsOf } from '../domain/ids.ts';
import type { RunKey } from '../domain/ids.ts';
import type { Remotes } from '../domain/project.ts';
import type { RunRepository } from '../domain/run.ts';
import { hasCommit, mirrorFolder } from './git/host.ts';
import { ensureMirror } from './git/mirror.ts';
import { deleteRefs, deleteRemoteRefs, fetchRefs, pushRef, saveRef } from './git/refs.ts';
import type { Io } from './io.ts';
import type { Ports } from './ports.ts';

/** Whose commits, and where they are kept. */
export interface CommitStore {
  readonly key: RunKey;
  readonly workId: string;
  readonly remotes: Remotes;
}

interface Place {
  readonly store: CommitStore;
  readonly repository: RunRepository;
}

/** This host has never seen the commit. Another one has, so a retry may reach it. */
export class CommitMissing extends Error {
  override readonly name = 'CommitMissing';
}

/** Keeps a step's commit: on a hidden ref of the host's mirror, and of the project's state remote when it has one. */
export async function keepCommit(
  ports: Ports,
  { store, repository, step, sha }: Place & { readonly step: string; readonly sha: string },
  io: Io,
): Promise<void> {
  const mirror = mirrorFolder(ports.git, repository.url);
  await saveRef(ports.git, { mirror, ref: `${stepRefsOf(store)}/${step}`, sha }, io);
  const { state, forge } = store.remotes;
  if (state === undefined || sha === repository.baseCommit) return;
  const ref = `${stateRefsOf(store, repository.key)}/${step}`;
  await pushRef(ports.git, { mirror, url: state, credentials: ports.forge(forge).credentials(state), sha, ref }, io);
}

/** A repository's mirror on this host that has the commit: fetched from its own remote and from the state remote when missing. */
export async function mirrorWith(ports: Ports, place: Place & { readonly commit: string }, io: Io): Promise<string> {
  const { repository, store, commit } = place;
  const known = mirrorFolder(ports.git, repository.url);
  if (await hasCommit(ports.git, { mirror: known, commit }, io)) return known;
  const mirror = await freshMirror(ports, place, io);
  if (await hasCommit(ports.git, { mirror, commit }, io)) return mirror;
  const way = store.remotes.state === undefined ? ': set "state" in spec-to-pr.yaml, so that hosts share the work' : '';
  throw new CommitMissing(`this host lacks commit ${commit.slice(0, 12)} of ${repository.key}${way}`);
}

/** A repository's mirror on this host, with all that its remote and the state remote have of the run. */
export async function freshMirror(ports: Ports, { store, repository }: Place, io: Io): Promise<string> {
  const { url } = repository;
  const credentials = ports.forge(store.remotes.forge).credentials(url);
  const mirror = await ensureMirror(ports.git, { url, credentials }, io);
  await fetchKept(ports, { store, repository }, io);
  return mirror;
}

/** Brings what the state remote has of the run to a mirror that is on this host. */
export async function fetchKept(ports: Ports, { store, repository }: Place, io: Io): Promise<void> {
  const { state, forge } = store.remotes;
  if (state === undefined) return;
  const mirror = mirrorFolder(ports.git, repository.url);
  const [from, to] = [stateRefsOf(store, repository.key), stepRefsOf(store)];
  await fetchRefs(ports.git, { mirror, url: state, credentials: ports.forge(forge).credentials(state), from, to }, io);
}

/** Forgets what was kept of a run below a prefix such as `snapshots/`: in the host's mirror and in the state remote. */
export async function forgetKept(
  ports: Ports,
  { store, repository, below }: Place & { readonly below: string },
  io: Io,
): Promise<void> {
  const mirror = mirrorFolder(ports.git, repository.url);
  await deleteRefs(ports.git, { mirror, prefix: `${stepRefsOf(store)}/${below}` }, io);
  const { state, forge } = store.remotes;
  if (state === undefined) return;
  const prefix = `${stateRefsOf(store, repository.key)}/${below}`;
  const credentials = ports.forge(forge).credentials(state);
  await deleteRemoteRefs(ports.git, { mirror, url: state, credentials, prefix }, io);
}
