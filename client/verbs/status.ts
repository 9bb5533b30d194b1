import type { Run } from '../../domain/run.ts';
import { EXIT, exitCodeOf } from '../errors.ts';
import { glance } from '../glance.ts';
import type { Glimpse } from '../glance.ts';
import { printable } from '../printable.ts';
import { givenId, home, withRun } from '../session.ts';
import type { IdOptions } from '../session.ts';
import { attemptLines, elapsed, endLines, headline, questionLines, uiLink } from '../view.ts';

/** `spec-to-pr status` */
export async function verb(options: IdOptions, word?: string): Promise<number> {
  const id = givenId(options, word);
  const whole = options.json === true;
  const glimpse = (await glance({ environment: process.env, home: home(), id, whole })) ?? (await look(id, whole));
  const { run } = glimpse;
  process.stdout.write(whole ? `${JSON.stringify(run)}\n` : `${printable(linesOf(glimpse).join('\n'))}\n`);
  return exitCodeOf(run) ?? EXIT.done;
}

/** The same by Temporal's client: any server, a worker that takes its time, and an error that says what is wrong. */
function look(id: string, whole: boolean): Promise<Glimpse> {
  return withRun(id, async (session, workflowId, live) => {
    const { readActivity, readLedger, readResult, readRun } = await import('../runs.ts');
    const ended: Run | undefined = live || whole ? undefined : await readResult(session, workflowId);
    const run = ended ?? (await readRun(session, workflowId));
    const told = { run, live, namespace: session.namespace, ...(session.ui === undefined ? {} : { ui: session.ui }) };
    if (!live || whole) return { ...told, activity: [], ledger: [] };
    const activity = await readActivity(session, workflowId);
    return { ...told, activity, ledger: await readLedger(session, run) };
  });
}

function linesOf({ run, live, activity, ledger, ...place }: Glimpse): readonly string[] {
  return [
    `${run.workId}: ${run.spec?.title ?? ''}`,
    ...(live ? [`${headline(run, activity)} · ${elapsed(run)}`, ...ledger] : []),
    ...run.attempts.flatMap((attempt) => attemptLines(attempt, run.attempts)),
    ...questionLines(run),
    ...(live ? uiLink(run, place) : endLines(run, { home: home(), session: place })),
  ];
}
