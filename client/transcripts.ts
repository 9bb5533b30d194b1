import { randomUUID } from 'node:crypto';
import type { RunKey } from '../domain/ids.ts';
import type { Run } from '../domain/run.ts';
import type { LocalTranscripts } from '../worker/transcripts.ts';
import type { Session } from './connect.ts';
import { readOnHost } from './host-transcripts.ts';
import { refill, showAll, sourceOf } from './transcript-source.ts';
import type { Print, Source } from './transcript-source.ts';

const AGAIN_MS = 30_000;

/** A session of a run that has ended. `host` is not known of runs that were begun before hosts had ids. */
export interface HeldSession {
  readonly name: string;
  readonly host: string | undefined;
}

/** The sessions of a run that have ended and said something, oldest first. */
export function sessionsOf({ attempts }: Run): readonly HeldSession[] {
  const records = attempts.flatMap(({ implementation, diagnosis }) => [implementation, diagnosis]);
  return records.flatMap((record) => {
    const name = record?.transcript.ref.split('/').at(-2);
    return name === undefined || record?.transcript.bytes === 0 ? [] : [{ name, host: record?.host }];
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
}

export interface TranscriptReader {
  /** Prints every complete line that is new, older sessions first. Tells if there were any, and what is out of reach. */
  look(look: Look): Promise<{ readonly news: boolean; readonly missing: readonly Missing[] }>;
}

export interface ReaderOrder {
  readonly session: Session;
  readonly key: RunKey;
  readonly local: LocalTranscripts;
  readonly print: Print;
}

interface Host {
  /** Its id; nothing for this host where no worker has been. */
  readonly id: string | undefined;
  readonly source: Source;
  /** How many ended sessions it is read to the end of. */
  settled: number;
  /** The sessions of others that it was asked for. */
  asked: string;
}

/** What is known of all hosts. The first one is this host. */
interface Scene {
  readonly order: ReaderOrder;
  readonly reader: string;
  readonly hosts: Host[];
  held: readonly HeldSession[];
}

/** Opens the transcripts of a run, on this host and on the others that its sessions were held on. */
export function transcriptReader(order: ReaderOrder): TranscriptReader {
  const scene: Scene = { order, reader: `logs/${randomUUID()}`, hosts: [], held: [] };
  addHost(scene, order.local.host);
  return {
    async look({ held, current, waitSeconds }) {
      scene.held = held;
      for (const id of [...held.map(({ host }) => host), current])
        if (id !== undefined && scene.hosts.every((host) => host.id !== id)) addHost(scene, id);
      const seconds = (host: Host): number => (host.id === current ? waitSeconds : 0);
      // The one that may be waited for comes last.
      const due = scene.hosts.filter((host) => isDue(scene, host, current)).toSorted((a, b) => seconds(a) - seconds(b));
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
  const { order, reader, hosts } = scene;
  const { session, key, local } = order;
  const read: Source['read'] = (after, waitSeconds) => {
    const archived = [...namesOn(scene, host), ...orphans(scene, host)];
    const wanted = { key, after, archived, waitSeconds };
    return host === hosts[0] ? local.read(wanted) : readOnHost(session, reader, { host: id ?? '', order: wanted });
  };
  const host: Host = { id, source: sourceOf(read), settled: 0, asked: '' };
  hosts.push(host);
}

const namesOn = ({ held }: Scene, { id }: Host): readonly string[] =>
  held.filter(({ host }) => host !== undefined && host === id).map(({ name }) => name);

/** Sessions whose own host cannot be asked, and that no host but this one has spoken for: its archive may. */
function orphans({ held, hosts }: Scene, speaker?: Host): readonly string[] {
  const lost = held.filter(
    ({ host }) => host === undefined || hosts.some(({ id, source }) => id === host && source.gone),
  );
  const others = hosts.filter((host) => host !== speaker);
  return lost.map(({ name }) => name).filter((name) => !others.some(({ source }) => Object.hasOwn(source.after, name)));
}

/** One host after the other, until each session has been spoken for. */
async function askForOrphans(scene: Scene): Promise<void> {
  for (const host of scene.hosts) {
    const left = orphans(scene).join(' ');
    if (host.source.gone !== undefined || host.asked === left) continue;
    host.asked = left;
    await refill(host.source, 0);
  }
}

/**
 * This host is always looked at; another while a session is at work there, and until its ended ones are read; one that does not
 * answer only now and then.
 */
function isDue(scene: Scene, host: Host, current: string | undefined): boolean {
  const { gone } = host.source;
  if (host === scene.hosts[0]) return true;
  if (gone !== undefined && Date.now() - gone.since < AGAIN_MS) return false;
  return host.id === current || host.settled !== namesOn(scene, host).length;
}

function missingOn(scene: Scene, host: Host, current: string | undefined): readonly Missing[] {
  const { gone } = host.source;
  if (host.id === undefined || gone === undefined) return [];
  const lost = orphans(scene);
  const sessions = namesOn(scene, host).filter((name) => lost.includes(name));
  return sessions.length === 0 && host.id !== current ? [] : [{ host: host.id, lastSeen: gone.lastSeen, sessions }];
}
