import { access, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { Interruption } from '../io.ts';
import type { Io } from '../io.ts';
import { alive, logOf, readExit, readRecord, startJob } from './job.ts';
import type { JobCommand, JobRecord } from './job.ts';
import { stopMarked } from './marked.ts';

export interface Supervision {
  /** Where its files are, and where an earlier call left them. */
  readonly folder: string;
  /** What to start, unless it lives or has ended already. */
  command(): JobCommand | Promise<JobCommand>;
  readonly seconds: number;
  /** Longest time without a byte of output. */
  readonly silenceSeconds: number;
  readonly graceMs?: number;
  /** False: a command that died without an exit code is reported as lost, not started again. */
  readonly restartLost?: boolean;
  /** Called about ten times a second while the command runs; returning true ends the session as finished. */
  poll?(): Promise<boolean | void>;
}

/** How a supervised command ended. `exited` has its code; `lost` means that it died without one. */
export interface JobEnd {
  readonly how: 'exited' | 'lost' | 'timed_out' | 'silent' | 'finished';
  readonly code: number | null;
}

const POLL_MS = 100;
const INTERRUPTED = 'interrupted';
const NEVER = new Promise<void>(() => undefined);

/** What is left of an earlier call on this folder: nothing, a live process, or an end. */
export async function inspectJob(folder: string): Promise<'none' | 'alive' | 'ended' | 'lost'> {
  const record = await readRecord(folder);
  if (record === undefined) return 'none';
  if (await alive(record)) return 'alive';
  return (await readExit(folder)) === undefined ? 'lost' : 'ended';
}

/**
 * Waits for the command in `folder`, starting it unless it lives or has ended already. Its descendants never outlive the
 * end. An abort with `stop` ends them and throws the reason; with `detach` it throws and leaves them running.
 */
export async function supervise(options: Supervision, io: Pick<Io, 'signal'>): Promise<JobEnd> {
  const { folder } = options;
  const before = await inspectJob(folder);
  const known = await readRecord(folder);
  const grace = options.graceMs ?? 5000;
  if (before === 'lost' && known !== undefined) {
    await stopMarked(known.marker, 0);
    if (options.restartLost === false) return { how: 'lost', code: null };
  }
  const { record, ended } =
    before === 'alive' || before === 'ended'
      ? { record: known, ended: NEVER }
      : await started(folder, await options.command());
  if (record === undefined) throw new Error(`the record of the job in ${folder} vanished`);
  try {
    const end = await follow({ record, ended }, options, io);
    await stopMarked(record.marker, grace);
    return end;
  } catch (error) {
    if (!(io.signal.reason instanceof Interruption && io.signal.reason.mode === 'detach'))
      await interrupt(folder, () => stopMarked(record.marker, grace));
    throw error;
  }
}

async function started(folder: string, command: JobCommand): ReturnType<typeof startJob> {
  await rm(path.join(folder, INTERRUPTED), { force: true });
  return startJob(folder, command);
}

/** Ends a command from outside: what its end leaves behind is no result of its own. */
async function interrupt(folder: string, stop: () => Promise<void>): Promise<void> {
  const ended = (await readExit(folder)) !== undefined;
  if (!ended) await writeFile(path.join(folder, INTERRUPTED), '');
  await stop();
  if (!ended) await rm(path.join(folder, 'exit'), { force: true });
}

/** True when the command in `folder` was ended by a `stop`, and nothing has been started there since. */
export async function wasInterrupted(folder: string): Promise<boolean> {
  return access(path.join(folder, INTERRUPTED)).then(
    () => true,
    () => false,
  );
}

async function follow(
  { record, ended }: { record: JobRecord; ended: Promise<void> },
  options: Supervision,
  io: Pick<Io, 'signal'>,
): Promise<JobEnd> {
  const { folder } = options;
  let size = -1;
  let heard = Date.now();
  for (;;) {
    io.signal.throwIfAborted();
    const living = await alive(record);
    const code = await readExit(folder);
    const finished = await options.poll?.();
    if (code !== undefined) return { how: 'exited', code };
    if (!living) return { how: 'lost', code: null };
    if (finished === true) return { how: 'finished', code: null };
    const bytes = await outputSize(folder);
    if (bytes !== size) {
      size = bytes;
      heard = Date.now();
    }
    if (Date.now() - record.startedAt > options.seconds * 1000) return { how: 'timed_out', code: null };
    if (Date.now() - heard > options.silenceSeconds * 1000) return { how: 'silent', code: null };
    await Promise.race([wait(POLL_MS), ended]);
  }
}

async function outputSize(folder: string): Promise<number> {
  const { stdout, stderr } = logOf(folder);
  const sizes = await Promise.all(
    [stdout, stderr].map((file) =>
      stat(file).then(
        ({ size }) => size,
        () => 0,
      ),
    ),
  );
  return sizes.reduce((sum, bytes) => sum + bytes, 0);
}
