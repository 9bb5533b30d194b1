import { exitCodeOf } from '../follow.ts';
import { EXIT } from '../errors.ts';
import { printable } from '../printable.ts';
import { readActivity, readLedger, readResult, readRun } from '../runs.ts';
import { givenId, home, withRun } from '../session.ts';
import type { IdOptions } from '../session.ts';
import { attemptLines, elapsed, endLines, headline, questionLines, uiLink } from '../view.ts';

/** `spec-to-pr status` */
export async function verb(options: IdOptions, id?: string): Promise<number> {
  return withRun(givenId(options, id), async (session, workflowId, live) => {
    const ended = live || options.json === true ? undefined : await readResult(session, workflowId);
    const run = ended ?? (await readRun(session, workflowId));
    if (options.json === true) process.stdout.write(`${JSON.stringify(run)}\n`);
    else {
      const lines = [
        `${run.workId}: ${run.spec?.title ?? ''}`,
        ...(live ? [`${headline(run, await readActivity(session, workflowId))} · ${elapsed(run)}`] : []),
        ...(live ? await readLedger(session, run) : []),
        ...run.attempts.flatMap(attemptLines),
        ...questionLines(run),
        ...(live ? uiLink(run, session) : endLines(run, { home: home(), session })),
      ];
      process.stdout.write(`${printable(lines.join('\n'))}\n`);
    }
    return exitCodeOf(run) ?? EXIT.done;
  });
}
