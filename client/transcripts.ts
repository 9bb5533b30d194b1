import type { TranscriptOrder, TranscriptReading } from '../activities/transcripts.ts';
import type { RunKey } from '../domain/ids.ts';
import type { Run } from '../domain/run.ts';
import type { LocalTranscripts } from '../worker/transcripts.ts';
import { refill, showAll, sourceOf } from './transcript-source.ts';
import type { Print, Source } from './transcript-source.ts';

const AGAIN_MS = 10_000;

/** A session of a run that has ended, with the size of its transcript. `host` is not known of runs that were begun before hosts had ids. */
export interface HeldSession {
  readonly name: string;
  readonly bytes: number;
  readonly host: string | undefined;
}

/** The sessions of a run that have ended and said something, oldest first. */
export function sessionsOf({ attempts }: Run): readonly HeldSession[] {
  const records = attempts.flatMap(({ implementation, diagnosis }) => [implementation, diagnosis]);
  return records.flatMap((record) => {
    const { ref = '', bytes = 0 } = record?.transcript ?? {};
    const name = ref.split('/').at(-2);
    return name === undefined || bytes === 0 ? [] : [{ name, bytes, host: record?.host }];
  });
}

/** A host that does not answer, and the sessions whose transcripts nobody else has. */
export interface Missing {
  readonly host: string;
  readonly lastSeen: Date | undefined;
  readonly sessions: readonly string[];
}

/** One look at all hosts: `held` sessions have ended, `current` is the host of the session at work. */
export interface Look {
  readonly held: readonly HeldSession[];
  readonly current: string | undefined;
  /** How long to wait on the current host for something new. */
  readonly waitSeconds: number;
  /** Nobody looks again: hosts that did not answer a moment ago are asked once more. */
  readonly last: boolean;
}

export interface TranscriptReader {
  /** Prints every complete line that is new, older sessions first. Tells if there were any, and what is out of reach. */
  look(look: Look): Promise<{ readonly news: boolean; readonly missing: readonly Missing[] }>;
}

export interface ReaderOrder {
  readonly key: RunKey;
  readonly local: LocalTranscripts;
  /** Reads on another host. Throws HostGone. */
  readonly readOn: (host: string, order: TranscriptOrder) => Promise<TranscriptReading>;
  readonly print: Print;
}

interface Host {
  /** Its id; nothing for this host where no worker has been. */
  readonly id: string | undefined;
  readonly source: Source;
  /** How many ended sessions it is read to the end of. */
  settled: number;
  /** The sessions of others that its archive was asked for. */
  readonly speaksFor: Set<string>;
}

/** What is known of all hosts. The first one is this host. */
interface Scene {
  readonly order: ReaderOrder;
  readonly hosts: Host[];
  held: readonly HeldSession[];
}

/** Opens the transcripts of a run, on this host and on the others that its sessions were held on. */
export function transcriptReader(order: ReaderOrder): TranscriptReader {
  const scene: Scene = { order, hosts: [], held: [] };
  addHost(scene, order.local.host);
  return {
    async look(look) {
      const { held, current, waitSeconds } = look;
      scene.held = held;
      for (const id of [...held.map(({ host }) => host), current])
        if (id !== undefined && scene.hosts.every((host) => host.id !== id)) addHost(scene, id);
      const seconds = (host: Host): number => (host.id === current ? waitSeconds : 0);
      // The one that may be waited for comes last.
      const due = scene.hosts.filter((host) => isDue(scene, host, look)).toSorted((a, b) => seconds(a) - seconds(b));
      for (const host of due) await refill(host.source, seconds(host));
      await askForOrphans(scene);
      const news = await showAll(
        scene.hosts.map(({ source }) => source),
        order.print,
      );
      for (const host of due) if (host.source.gone === undefined) host.settled = namesOn(scene, host).length;
      return { news, missing: scene.hosts.flatMap((host) => missingOn(scene, host, current)) };
    },
  };
}

function addHost(scene: Scene, id: string | undefined): void {
  const { order, hosts } = scene;
  const { key, local, readOn } = order;
  const read: Source['read'] = (after, waitSeconds) => {
    const archived = [...namesOn(scene, host), ...host.speaksFor];
    const wanted = { key, after, archived, waitSeconds };
    return host === hosts[0] ? local.read(wanted) : readOn(id ?? '', wanted);
  };
  const host: Host = { id, source: sourceOf(read), settled: 0, speaksFor: new Set() };
  hosts.push(host);
}

const namesOn = ({ held }: Scene, { id }: Host): readonly string[] =>
  held.filter(({ host }) => host !== undefined && host === id).map(({ name }) => name);

/** Sessions that are not read to their end, and whose own host cannot be asked. */
function orphans({ held, hosts }: Scene): readonly HeldSession[] {
  const lost = held.filter(
    ({ host }) => host === undefined || hosts.some(({ id, source }) => id === host && source.gone),
  );
  return lost.filter((session) => reached(hosts, session) < session.bytes);
}

const reached = (hosts: readonly Host[], { name }: HeldSession): number =>
  Math.max(...hosts.map(({ source }) => source.after[name] ?? 0));

/** Archives are copies, so a host's archive goes on where another host's transcript was read up to. */
async function askForOrphans(scene: Scene): Promise<void> {
  for (const host of scene.hosts.filter(({ source }) => source.gone === undefined)) {
    const { source, speaksFor } = host;
    const left = orphans(scene).filter(({ name }) => !speaksFor.has(name));
    for (const session of left) {
      source.after = { [session.name]: reached(scene.hosts, session), ...source.after };
      speaksFor.add(session.name);
    }
    if (left.length > 0)
      do await refill(source, 0);
      while (source.more);
  }
}

/**
 * This host is always looked at; another while a session is at work there, and until its ended ones are read; one that does not
 * answer only now and then.
 */
function isDue(scene: Scene, host: Host, { current, last }: Look): boolean {
  const { gone } = host.source;
  if (host === scene.hosts[0]) return true;
  if (gone !== undefined && !last && Date.now() - gone.since < AGAIN_MS) return false;
  return host.id === current || host.settled !== namesOn(scene, host).length;
}

function missingOn(scene: Scene, host: Host, current: string | undefined): readonly Missing[] {
  const { gone } = host.source;
  if (host.id === undefined || gone === undefined) return [];
  const sessions = orphans(scene)
    .filter((session) => session.host === host.id)
    .map(({ name }) => name);
  return sessions.length === 0 && host.id !== current ? [] : [{ host: host.id, lastSeen: gone.lastSeen, sessions }];
}
