import Table from 'cli-table3';
import { EXIT, UsageError } from '../errors.ts';
import { listRuns } from '../runs.ts';
import { withSession } from '../session.ts';

/** `spec-to-pr list` */
export async function verb(options: { readonly json?: boolean; readonly limit?: string }): Promise<number> {
  const limit = Number(options.limit ?? '50');
  if (!Number.isInteger(limit) || limit < 1) throw new UsageError('--limit has to be a whole number from 1 on');
  const rows = await withSession((session) => listRuns(session, limit));
  if (options.json === true) process.stdout.write(`${JSON.stringify(rows)}\n`);
  else if (rows.length === 0)
    process.stdout.write('There are no runs yet: `spec-to-pr run --file spec.md` starts one.\n');
  else {
    const table = new Table({
      head: ['work id', 'project', 'phase', 'attempts', 'cost', 'started'],
      style: { head: [], border: [] },
    });
    for (const row of rows)
      table.push([
        row.workId,
        row.project,
        row.needsPerson ? `${row.phase} (needs you)` : row.phase,
        row.attempts,
        `$${row.usd.toFixed(2)}`,
        row.startedAt.slice(0, 16).replace('T', ' '),
      ]);
    process.stdout.write(`${table.toString()}\n`);
  }
  return EXIT.done;
}
