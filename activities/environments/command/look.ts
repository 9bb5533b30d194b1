import { setTimeout as wait } from 'node:timers/promises';
import type { EnvironmentState } from '../../../domain/environment.ts';
import { readList } from '../../../formats/environment-list.ts';
import type { ListedEnvironment } from '../../../formats/environment-list.ts';
import type { Io } from '../../io.ts';
import { demandVerb, expectRead, reportOf } from './call.ts';
import type { Commands } from './call.ts';
import { ProviderOutputInvalid, ProviderTimedOut } from '../errors.ts';
import type { EnvironmentEntry, EnvironmentStatus } from '../index.ts';
import { listNotes, readNote } from '../notes.ts';
import type { Note } from '../notes.ts';
import { healthOf } from '../readiness.ts';
import { environmentId } from '../variables.ts';

const LOOK_SECONDS = 120;
const POLL_MS = 1000;

/** A status and the variables that the commands gave beside the addresses. */
export interface Seen extends EnvironmentStatus {
  readonly variables: Readonly<Record<string, string>>;
}

/** Whether nothing of it is left. */
export const isGone = (state: Seen['state']): boolean => state === 'absent' || state === 'deprovisioned';

/** All services that are told of. */
export const servicesOf = ({ addresses, services }: Seen): readonly string[] => [
  ...new Set([...Object.keys(services), ...Object.keys(addresses)]),
];

/** The environment as `status` says, else as `list` says, else as this host remembers it; `sick` when a service is not well. */
export async function look(commands: Commands, name: string, io: Io): Promise<Seen> {
  const seen = await ask(commands, { name, note: await readNote(commands.root, name) }, io);
  if (seen.state !== 'ready') return seen;
  const asked = await healthOf({ addresses: seen.addresses, health: commands.settings.health });
  const well = Object.values(asked).every((what) => what === 'healthy');
  return { ...seen, state: well ? 'ready' : 'sick', services: { ...seen.services, ...asked } };
}

interface Subject {
  readonly name: string;
  readonly note: Note | undefined;
}

async function ask(commands: Commands, subject: Subject, io: Io): Promise<Seen> {
  const { name, note } = subject;
  const { status, list } = commands.settings.commands;
  const nothing = { name, commits: {}, addresses: {}, services: {}, variables: {} };
  if (status !== undefined) {
    const result = await demandVerb(commands, { verb: 'status', ...subject, seconds: LOOK_SECONDS }, io);
    const { state, message: _message, ...report } = reportOf('status', result);
    if (state === undefined) throw new ProviderOutputInvalid('"status"', 'printed no "state"', result.output);
    return { name, state, ...report };
  }
  if (list !== undefined) {
    const listed = (await readEntries(commands, io)).find((entry) => isNamed(entry, name));
    if (listed === undefined) return { ...nothing, state: 'absent' };
    const { addresses = {} } = note?.deployment ?? {};
    return {
      ...nothing,
      state: listed.state,
      addresses: listed.address === '' ? addresses : { ...addresses, api: listed.address },
    };
  }
  if (note?.deployment === undefined) return { ...nothing, state: 'absent' };
  return { ...nothing, ...note.deployment, state: 'ready' };
}

const isNamed = (entry: ListedEnvironment, name: string): boolean =>
  entry.name === '' ? entry.id === environmentId(name) : entry.name === name;

async function readEntries(commands: Commands, io: Io): Promise<readonly ListedEnvironment[]> {
  const result = await demandVerb(commands, { verb: 'list', name: '', note: undefined, seconds: LOOK_SECONDS }, io);
  return expectRead('list', result, readList(result.stdout));
}

/**
 * Environments that `list` names with an owner, or that this host made; without `list` the latter alone. What has neither a
 * name nor this host's note is left out: by its id alone nobody can tell who holds it, or destroy it.
 */
export async function entries(commands: Commands, io: Io): Promise<readonly EnvironmentEntry[]> {
  const notes = await listNotes(commands.root);
  if (commands.settings.commands.list === undefined) return notes.map(({ name, owner }) => ({ name, owner }));
  const found = (await readEntries(commands, io)).filter(
    ({ state }) => state !== 'deprovisioned' && state !== 'absent',
  );
  return found.flatMap((entry) => {
    const note = notes.find(({ name }) => isNamed(entry, name));
    const owner = entry.owner === '' ? (note?.owner ?? '') : entry.owner;
    const name = note?.name ?? entry.name;
    return owner === '' || name === '' ? [] : [{ name, owner, state: entry.state }];
  });
}

export interface Settling {
  readonly name: string;
  /** States that are waited through. */
  readonly while: readonly EnvironmentState[];
  readonly deadline: number;
}

/** Looks until the environment is in none of these states. Throws ProviderTimedOut at the deadline (epoch milliseconds). */
export async function settle(commands: Commands, settling: Settling, io: Io): Promise<Seen> {
  const started = Date.now();
  for (;;) {
    io.signal.throwIfAborted();
    const seen = await look(commands, settling.name, io);
    if (!settling.while.includes(seen.state)) return seen;
    const seconds = Math.round((Date.now() - started) / 1000);
    if (Date.now() >= settling.deadline) throw new ProviderTimedOut(`the state "${seen.state}"`, seconds);
    io.progress(`environment ${settling.name} is ${seen.state}`);
    await wait(POLL_MS, undefined, { signal: io.signal }).catch(() => undefined);
  }
}
