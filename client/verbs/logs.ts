import { setTimeout as wait } from 'node:timers/promises';
import type { Session } from '../connect.ts';
import { EXIT, UsageError } from '../errors.ts';
import { hostReader } from '../host-transcripts.ts';
import { readRun, sessionHost } from '../runs.ts';
import { givenId, withRun } from '../session.ts';
import type { IdOptions } from '../session.ts';
import { sessionsOf, transcriptReader } from '../transcripts.ts';
import type { Missing, TranscriptReader } from '../transcripts.ts';

const LOOK_MS = 300;
const REMOTE_LOOK_MS = 1000;
const REMOTE_WAIT_SECONDS = 5;

interface Options extends IdOptions {
  readonly follow?: boolean;
}

/** `spec-to-pr logs`: the transcripts of a run, oldest first, from whichever hosts have them. */
export async function verb(options: Options, id?: string): Promise<number> {
  return withRun(givenId(options, id), async (session, workflowId) => {
    const { key } = await readRun(session, workflowId);
    const { localTranscripts } = await import('../../worker/transcripts.ts');
    const local = localTranscripts(process.env);
    const print = (name: string, line: string): void => {
      process.stdout.write(options.json === true ? `${line}\n` : `${name}  ${line}\n`);
    };
    const reader = transcriptReader({ key, local, readOn: hostReader(session), print });
    return show({ session, workflowId, reader, here: local.host, follow: options.follow === true });
  });
}

interface View {
  readonly session: Session;
  readonly workflowId: string;
  readonly reader: TranscriptReader;
  /** Id of this host, if it has one. */
  readonly here: string | undefined;
  readonly follow: boolean;
}

/** Shows what there is and, following, what comes until the run ends. Gives the exit code: 1 when there is something it could not show. */
async function show({ session, workflowId, reader, here, follow }: View): Promise<number> {
  const told = new Set<string>();
  let shown = false;
  for (let news = true; ;) {
    const run = await readRun(session, workflowId);
    const over = !follow || run.ending !== null;
    const { host: current, lastSeen } = await sessionHost(session, workflowId);
    const waitSeconds = news || over ? 0 : REMOTE_WAIT_SECONDS;
    const held = sessionsOf(run);
    const seen = await reader.look({ held, current, waitSeconds, last: over });
    news = seen.news;
    shown ||= news;
    for (const missing of seen.missing) {
      const line = sentence(missing, missing.host === current ? lastSeen : undefined);
      if (!told.has(line) && told.add(line)) process.stderr.write(`${line}\n`);
    }
    if (over && !shown && seen.missing.length === 0 && held.length > 0)
      throw new UsageError('no host that answers has transcripts of the run', EXIT.unsuccessful);
    if (over) return seen.missing.length === 0 ? EXIT.done : EXIT.unsuccessful;
    await wait(current === undefined || current === here ? LOOK_MS : REMOTE_LOOK_MS);
  }
}

function sentence({ host, sessions, lastSeen }: Missing, beat: Date | undefined): string {
  const seen = [lastSeen, beat].filter((time) => time !== undefined).toSorted((a, b) => b.getTime() - a.getTime())[0];
  const when = seen === undefined ? 'long not seen' : `last seen ${seen.toISOString().slice(0, 19)}Z`;
  const what = sessions.length === 0 ? 'the session at work' : `the transcript of ${sessions.join(', ')}`;
  return `${what} is on host ${host}, where no worker answers (${when}): start \`spec-to-pr worker\` there`;
}
