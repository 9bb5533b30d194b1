import { open, readdir } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { EXIT, UsageError } from '../errors.ts';
import { readRun } from '../runs.ts';
import { givenId, home, withRun } from '../session.ts';
import type { IdOptions } from '../session.ts';

/** `spec-to-pr logs`: the transcripts of this host, oldest first. */
export async function verb(options: IdOptions & { readonly follow?: boolean }, id?: string): Promise<number> {
  return withRun(givenId(options, id), async (session, workflowId) => {
    const { key } = await readRun(session, workflowId);
    const folder = await jobsFolder(`${key.workflowId}:${key.firstRunId}`);
    const offsets = new Map<string, number>();
    for (;;) {
      const ended = options.follow !== true || (await readRun(session, workflowId)).ending !== null;
      for (const name of (await readdir(folder).catch(() => [])).toSorted(byAge)) {
        const file = path.join(folder, name, 'transcript.jsonl');
        const { text, end } = await readFrom(file, offsets.get(file) ?? 0);
        offsets.set(file, end);
        for (const line of text.split('\n').filter((entry) => entry !== ''))
          process.stdout.write(options.json === true ? `${line}\n` : `${name}  ${line}\n`);
      }
      if (ended) return EXIT.done;
      await wait(300);
    }
  });
}

const byAge = (a: string, b: string): number => a.localeCompare(b, 'en', { numeric: true });

async function jobsFolder(run: string): Promise<string> {
  const root = path.join(home(), 'runs');
  const { folderName } = await import('../../domain/folder-name.ts');
  const { createHash } = await import('node:crypto');
  const folder = path.join(root, folderName(run, createHash('sha256').update(run).digest('hex')), 'jobs');
  const names = await readdir(folder).catch(() => undefined);
  if (names === undefined)
    throw new UsageError(
      `this host has no transcripts of the run: they are in ${root} of the host that ran it`,
      EXIT.unsuccessful,
    );
  return folder;
}

async function readFrom(file: string, offset: number): Promise<{ text: string; end: number }> {
  const handle = await open(file).catch(() => undefined);
  if (handle === undefined) return { text: '', end: offset };
  try {
    const { size } = await handle.stat();
    // A transcript that has become shorter was cut in its middle: what came until now has been shown.
    const from = Math.min(offset, size);
    const buffer = Buffer.alloc(size - from);
    const { bytesRead } = await handle.read(buffer, 0, buffer.length, from);
    const end = buffer.subarray(0, bytesRead).lastIndexOf(10) + 1;
    return { text: buffer.subarray(0, end).toString('utf8'), end: from + end };
  } finally {
    await handle.close();
  }
}
