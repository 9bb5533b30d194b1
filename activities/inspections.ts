import { constants } from 'node:fs';
import { appendFile, mkdir, open, readFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { EnvironmentChoice } from '../domain/environment.ts';
import { hasOwnMachines } from '../domain/environment.ts';
import type { UpEnvironment } from '../domain/gate.ts';
import { pathsIn, programsFor, refusedInspection } from '../domain/inspection.ts';
import type { InspectionPlace } from '../domain/inspection.ts';
import { oneLine, shellWord, tail } from '../domain/text.ts';
import { toolFiles } from './agents/tools/files.ts';
import { INSPECTION_SECONDS, MAX_ASKED_BYTES, answering, asking, linesOf } from './agents/tools/inspect.ts';
import type { Answering, Asking, Inspectable } from './agents/tools/inspect.ts';
import type { EnvironmentProvider } from './environments/index.ts';
import type { Io } from './io.ts';
import type { Ports } from './ports.ts';

export interface InspectionOrder {
  readonly choice: EnvironmentChoice;
  readonly environment: UpEnvironment;
  /** Commands that the project allows beside those that are known to only read. */
  readonly allowed: readonly string[];
  /** Of the session that asks. */
  readonly jobDirectory: string;
}

const POLL_MS = 100;
const MAX_OUTPUT = 32_000;
const MOST = 50;

export interface Inspected<T> {
  readonly result: T;
  /** File with what was asked and answered, JSON lines; absent when nothing was. */
  readonly record?: string;
}

/**
 * Holds a session and answers meanwhile what it asks. Without an order, or where the environment is not there or cannot be
 * looked at, there is nothing that it may look into.
 */
export async function whileAnswering<T>(
  ports: Pick<Ports, 'environment' | 'redact'>,
  { order, io }: { readonly order: InspectionOrder | undefined; readonly io: Io },
  hold: (inspectable: Inspectable | undefined) => Promise<T>,
): Promise<Inspected<T>> {
  const scene = order === undefined ? undefined : await sceneOf(ports, order, io);
  if (scene === undefined) return { result: await hold(undefined) };
  const { place, record } = scene;
  const over = new AbortController();
  const answers = answerAll(scene, { ...io, signal: AbortSignal.any([io.signal, over.signal]) });
  try {
    const result = await hold({ services: place.hosts, commands: [...programsFor(place), ...place.allowed] });
    over.abort();
    return (await answers) === 0 ? { result } : { result, record };
  } finally {
    over.abort();
    await answers;
  }
}

async function sceneOf(
  ports: Pick<Ports, 'environment' | 'redact'>,
  { choice, environment, allowed, jobDirectory }: InspectionOrder,
  io: Io,
): Promise<Scene | undefined> {
  const provider = ports.environment(choice);
  const { name, addresses } = environment;
  const status = await provider.status(name, io).catch((error: unknown) => unseen(error, name, io));
  const hosts = [...new Set([...Object.keys(status?.services ?? {}), ...Object.keys(addresses)])];
  if (status === undefined || status.state === 'absent' || hosts.length === 0) return undefined;
  const place = { isolated: hasOwnMachines(choice.kind), hosts, origins: Object.values(addresses), allowed };
  const { answered: record, asked } = toolFiles(jobDirectory);
  await mkdir(path.dirname(record), { recursive: true });
  const before = await readFile(record, 'utf8').catch(() => '');
  // A line that was cut off with the worker is no answer.
  if (before !== '' && !before.endsWith('\n')) await appendFile(record, '\n');
  const answered = linesOf(before, answering).map(({ id }) => id);
  return { provider, name, place, record, asked, answered, redact: ports.redact };
}

function unseen(error: unknown, name: string, { signal, progress }: Io): undefined {
  if (signal.aborted) throw error;
  progress(`the environment ${name} cannot be looked into: ${error instanceof Error ? error.message : String(error)}`);
}

interface Scene {
  readonly provider: EnvironmentProvider;
  readonly name: string;
  readonly place: InspectionPlace;
  readonly record: string;
  readonly asked: string;
  /** Ids of what was answered before. */
  readonly answered: readonly string[];
  redact(text: string): string;
}

/** Until the signal aborts; gives how many answers there are. */
async function answerAll(scene: Scene, io: Io): Promise<number> {
  const done = new Set(scene.answered);
  while (!io.signal.aborted) {
    const asked = linesOf(await readOwn(scene.asked), asking).filter(({ id }) => !done.has(id));
    for (const one of asked) {
      if (io.signal.aborted) break;
      if (done.has(one.id)) continue;
      const answer = await answerOf(scene, { ...one, number: done.size + 1 }, io);
      if (answer === undefined) break;
      await appendFile(scene.record, `${JSON.stringify(answer)}\n`);
      done.add(one.id);
    }
    await wait(POLL_MS, undefined, { signal: io.signal }).catch(() => undefined);
  }
  return done.size;
}

/** Nothing when the signal aborted it. */
async function answerOf(
  scene: Scene,
  asked: Asking & { readonly number: number },
  io: Io,
): Promise<Answering | undefined> {
  const { number, service, command } = asked;
  const at = new Date().toISOString();
  const told = { ...asked, at, exitCode: null };
  if (number > MOST) return { ...told, text: `This session has made its ${MOST} inspections.` };
  const refused = scene.place.hosts.includes(service)
    ? refusedInspection(command, scene.place)
    : `the environment has no service "${service}", but ${scene.place.hosts.join(', ')}`;
  if (refused !== undefined) return { ...told, text: scene.redact(`Refused: ${oneLine(refused, 1000)}.`) };
  io.progress(`inspects ${service}: ${oneLine(command.join(' '), 100)}`);
  const run = command.map(shellWord).join(' ');
  try {
    const own =
      scene.place.allowed.length > 0 && refusedInspection(command, { ...scene.place, allowed: [] }) !== undefined;
    const within = own ? [] : pathsIn(command);
    const order = { name: scene.name, service, run, seconds: INSPECTION_SECONDS, within };
    const { exitCode, output, timedOut } = await scene.provider.exec(order, io);
    const ended = timedOut ? `cut off after ${INSPECTION_SECONDS} s` : `exit code ${exitCode}`;
    const text = `inspect/${number}: ${run} in ${service}, ${ended}\n${tail(scene.redact(output), MAX_OUTPUT)}`;
    return { ...told, exitCode: timedOut ? null : exitCode, text: scene.redact(text) };
  } catch (error) {
    if (io.signal.aborted) return undefined;
    const why = error instanceof Error ? error.message : String(error);
    return { ...told, text: scene.redact(`It could not be run: ${oneLine(why, 1000)}`) };
  }
}

/** The start of a file that a session may have made something else of. */
async function readOwn(name: string): Promise<string> {
  const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
  const file = await open(name, flags).catch(() => undefined);
  if (file === undefined) return '';
  try {
    if (!(await file.stat()).isFile()) return '';
    const { buffer, bytesRead } = await file.read(Buffer.alloc(MAX_ASKED_BYTES), 0, MAX_ASKED_BYTES, 0);
    return buffer.toString('utf8', 0, bytesRead);
  } finally {
    await file.close();
  }
}

/** What the session was told by the inspection of this name, `inspect/<number>`; nothing for other names. */
export async function inspectionText(record: string, name: string): Promise<string | undefined> {
  const [, number] = /^inspect\/(\d+)$/.exec(name) ?? [];
  if (number === undefined) return undefined;
  return linesOf(await readFile(record, 'utf8'), answering).find((one) => one.number === Number(number))?.text;
}
