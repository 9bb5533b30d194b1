import { randomUUID } from 'node:crypto';
import { appendFileSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { setTimeout as wait } from 'node:timers/promises';
import { z } from 'zod';
import type { ToolFiles } from './files.ts';

/** Name of the tool that runs a command in the environment. */
export const INSPECT = 'inspect';
/** Longest time for one command, in seconds. */
export const INSPECTION_SECONDS = 30;

/** What a session may look into. */
export interface Inspectable {
  /** Services of the environment that is up. */
  readonly services: readonly string[];
  /** Programs and command lines that may run there. */
  readonly commands: readonly string[];
}

const POLL_MS = 50;
/** What is asked beyond this many bytes in all is not read. */
export const MAX_ASKED_BYTES = 1024 * 1024;
// The worker may be restarted meanwhile.
const PATIENCE_MS = 4 * 60_000;

export function inspectDescription({ services, commands }: Inspectable): string {
  return `Runs a command that only reads inside a service of the environment that the tests ran in, which still runs the judged commits. Services: ${services.join(', ')}. Commands: ${commands.join(', ')}. There is no shell: no pipes, no redirection, no patterns of file names. Each result has a name, inspect/<number>: quote it with that source.`;
}

/** The tool's arguments. */
export const inspectCall = z.object({
  service: z.string().min(1).max(200),
  command: z
    .array(z.string().max(4000))
    .min(1)
    .max(64)
    .describe('Program and arguments, one word each, e.g. ["tail","-n","50","app.log"]'),
});

/** A line of what is asked. */
export const asking = inspectCall.extend({ id: z.uuid() });

/** A line of what is answered. `exitCode` is null when the command was cut off or did not run; `text` is what the session is told. */
export const answering = asking.extend({
  number: z.int().positive(),
  at: z.iso.datetime(),
  exitCode: z.int().nullable(),
  text: z.string(),
});

export type Asking = z.infer<typeof asking>;
export type Answering = z.infer<typeof answering>;

/** Asks the worker to run a command, and waits for what it printed; what is too much to be read is not asked. */
export async function inspect(
  { asked, answered }: Pick<ToolFiles, 'asked' | 'answered'>,
  call: z.infer<typeof inspectCall>,
): Promise<string> {
  const id = randomUUID();
  const line = `${JSON.stringify({ id, ...call })}\n`;
  const { size: before } = await stat(asked).catch(() => ({ size: 0 }));
  if (before + Buffer.byteLength(line) > MAX_ASKED_BYTES)
    return `This session has asked for ${MAX_ASKED_BYTES} bytes of inspections: no more are made.`;
  appendFileSync(asked, line);
  const end = Date.now() + PATIENCE_MS;
  for (let seen = -1; Date.now() < end; await wait(POLL_MS)) {
    const { size } = await stat(answered).catch(() => ({ size: 0 }));
    if (size === seen) continue;
    seen = size;
    const found = linesOf(await readFile(answered, 'utf8').catch(() => ''), answering).find((one) => one.id === id);
    if (found !== undefined) return found.text;
  }
  return 'Nobody has answered: the environment cannot be looked into now.';
}

/** The whole lines of a text that are of a form; the others are left out. */
export function linesOf<T>(text: string, form: z.ZodType<T>): readonly T[] {
  return text.split('\n').flatMap((line) => {
    const parsed = z.string().transform(json).pipe(form).safeParse(line);
    return parsed.success ? [parsed.data] : [];
  });
}

function json(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
