import { createInterface } from 'node:readline';
import { setTimeout as wait } from 'node:timers/promises';
import type { Run } from '../domain/run.ts';
import type { Session } from './connect.ts';
import { EXIT, NoAnswer, exitCodeOf } from './errors.ts';
import { printable } from './printable.ts';
import { readActivity, readRun, whenClosed } from './runs.ts';
import { attemptLines, elapsed, endLines, headline, questionLines } from './view.ts';

export interface FollowOptions {
  readonly workflowId: string;
  readonly home: string;
  readonly json: boolean;
  /** Stop at an open question instead of going on watching. */
  readonly untilQuestion: boolean;
}

const POLL_MS = 500;

/** Shows a run until it ends, needs a person, or the view is stopped by Ctrl-C, which leaves the run alone. Gives the exit code. */
export async function follow(session: Session, options: FollowOptions): Promise<number> {
  const screen = createScreen(options.json);
  const stop = new AbortController();
  const onInterrupt = (): void => stop.abort();
  process.once('SIGINT', onInterrupt);
  const seen = new Set<string>();
  const closed = new AbortController();
  const left = new AbortController();
  let result: Run | undefined;
  const close = async (): Promise<void> => {
    result = await whenClosed(session, options.workflowId, left.signal);
    closed.abort();
  };
  void close();
  try {
    for (;;) {
      const over = closed.signal.aborted;
      const run = (options.json ? undefined : result) ?? (await patiently(session, options.workflowId, screen));
      const activity = over || run === undefined ? [] : await readActivity(session, options.workflowId);
      const attempts = run?.attempts ?? [];
      for (const attempt of attempts)
        for (const line of attemptLines(attempt, attempts)) if (!seen.has(line) && seen.add(line)) screen.line(line);
      if (run !== undefined) screen.status(headline(run, activity), elapsed(run));
      const settled = run !== undefined && (run.ending === null || activity.length === 0);
      const code = settled ? finished(run, options) : undefined;
      if (run !== undefined && code !== undefined) {
        screen.clear();
        const lines = run.ending === null ? questionLines(run) : endLines(run, { home: options.home, session });
        for (const line of lines) screen.line(line);
        if (options.json) process.stdout.write(`${JSON.stringify(run)}\n`);
        return code;
      }
      const wakers = over ? [stop.signal] : [stop.signal, closed.signal];
      await wait(POLL_MS, undefined, { signal: AbortSignal.any(wakers) }).catch(() => undefined);
      if (stop.signal.aborted) {
        screen.clear();
        const id = run?.workId ?? options.workflowId;
        screen.line(`The run goes on. Watch it again: spec-to-pr watch ${id} · stop it: spec-to-pr cancel ${id}`);
        return EXIT.done;
      }
    }
  } finally {
    process.off('SIGINT', onInterrupt);
    // What still waits for the end would ask again on a connection that is closed.
    left.abort();
  }
}

/** The run as it stands; nothing while no worker answers, which the screen tells. Throws when the server is gone. */
async function patiently(session: Session, workflowId: string, screen: Screen): Promise<Run | undefined> {
  try {
    return await readRun(session, workflowId);
  } catch (error) {
    if (!(error instanceof NoAnswer)) throw error;
    const serves = await readActivity(session, workflowId).then(
      () => true,
      () => false,
    );
    if (!serves) throw error;
    screen.status('no worker answers: `spec-to-pr up` starts one, then the run goes on', 'waiting');
    return undefined;
  }
}

function finished(run: Run, { untilQuestion }: FollowOptions): number | undefined {
  const code = exitCodeOf(run);
  return code === EXIT.waiting && !untilQuestion ? undefined : code;
}

interface Screen {
  line(text: string): void;
  status(text: string, elapsed: string): void;
  clear(): void;
}

/** One rewritten line on a terminal; elsewhere a line for each change. With `json` all of it goes to stderr. */
function createScreen(json: boolean): Screen {
  const out = json ? process.stderr : process.stdout;
  let last = '';
  const clear = (): void => {
    if (out.isTTY && last !== '') out.write('\r\u001B[K');
  };
  return {
    clear,
    line: (text) => {
      clear();
      out.write(`${printable(text)}\n`);
    },
    status: (told, time) => {
      const text = printable(told);
      if (out.isTTY) {
        clear();
        out.write(`${text} · ${time}`.slice(0, (out.columns ?? 120) - 1));
      } else if (text !== last) out.write(`[${time}] ${text}\n`);
      last = text;
    },
  };
}

/** Asks at the terminal; an empty answer gives undefined. */
export async function ask(question: string): Promise<string | undefined> {
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return (await new Promise<string>((resolve) => lines.question(question, resolve))).trim() || undefined;
  } finally {
    lines.close();
  }
}
